"""Records, enumerations and errors as Python objects."""

from __future__ import annotations

import json
import pickle
from datetime import datetime, timedelta, timezone

import lpchat
import pytest
from lpchat import ChatState, Client, LpchatError, Sandbox, SurveyAnswer, SurveySubmission


def test_records_print_compare_and_turn_into_plain_values(client: Client) -> None:
    chat = client.visitor.start_chat(skill="Human")
    information = chat.retrieve_information()
    assert repr(information).startswith("ChatInformation(")
    assert "state=<ChatState.WAITING: 'waiting'>" in repr(information)
    plain = information.to_dict()
    assert plain["state"] == "waiting" and type(plain["state"]) is str
    assert isinstance(plain["links"][0], dict)
    again = chat.retrieve_resources().events
    assert again == chat.retrieve_resources().events
    assert again != information
    assert information.start_time is not None
    assert information.start_time.utcoffset() == timedelta(0)


def test_raw_is_what_the_service_sent(client: Client) -> None:
    chat = client.visitor.start_chat(skill="Human")
    resources = chat.retrieve_resources()
    assert resources.raw["info"]["state"] == "waiting"
    event = resources.events.events[0]
    assert event.raw == {"@id": "0", "@type": "state", "state": "waiting", "time": event.raw["time"]}
    json.dumps(resources.raw)


def test_enumerations_are_open() -> None:
    assert ChatState("waiting") is ChatState.WAITING
    assert ChatState.WAITING == "waiting" and str(ChatState.WAITING) == "waiting"
    strange = ChatState("dreaming")
    assert isinstance(strange, ChatState) and strange == "dreaming" and not strange.is_known
    assert strange == ChatState("dreaming") and hash(strange) == hash(ChatState("dreaming"))
    assert repr(strange) == "<ChatState: 'dreaming'>"
    for state in (ChatState.ENDED, strange):
        assert pickle.loads(pickle.dumps(state)) == state


def test_errors_carry_everything_and_can_be_pickled(client: Client) -> None:
    chat = client.visitor.start_chat(skill="Human")
    with pytest.raises(lpchat.LpchatChatStateError) as caught:
        chat.add_line("too early")
    error = caught.value
    assert isinstance(error, LpchatError)
    assert (error.code, error.name, error.family) == (1501, "NotChatting", "ChatState")
    assert (error.http_status, error.service_code, error.attempts, error.retryable) == (400, "5", 1, True)
    assert error.operation == "VisitorChat.add_line" and "pre_chat_lines" in error.hint
    assert isinstance(error.elapsed, timedelta) and error.request_id
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error) and copy.details() == error.details() and str(copy) == str(error)


def test_no_class_of_error_shadows_a_builtin() -> None:
    import builtins

    names = [name for name in lpchat.__all__ if name.startswith("Lpchat")]
    assert len(names) == 17 and not set(names) & set(dir(builtins))


def test_wrong_types_name_the_parameter(client: Client) -> None:
    with pytest.raises(TypeError, match="`skill` must be a str, not int"):
        client.visitor.start_chat(skill=7)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="`pre_chat_lines` must be a list; put the one value into brackets"):
        client.visitor.start_chat(pre_chat_lines="hello")
    with pytest.raises(TypeError, match=r"`pre_chat_lines\[1\]` must be a str"):
        client.visitor.start_chat(pre_chat_lines=["a", 5])  # type: ignore[list-item]
    with pytest.raises(TypeError, match=r"`survey` has the key .surveyid.; known are survey_id, answers"):
        client.visitor.start_chat(survey={"surveyid": "1"})
    with pytest.raises(TypeError, match="unexpected keyword argument 'skil'"):
        client.visitor.start_chat(skil="Sales")  # type: ignore[call-arg]


def test_times_without_an_offset_are_refused_with_the_cure(client: Client) -> None:
    with pytest.raises(ValueError, match=r"`start` is 2026-06-01 00:00:00, .*tzinfo=timezone.utc"):
        client.history.search(start=datetime(2026, 6, 1), end="2026-06-02")
    with pytest.raises(ValueError, match='`end`: "2026-06-02T10:00:00" has no offset'):
        client.history.search(start="2026-06-01", end="2026-06-02T10:00:00")
    with pytest.raises(TypeError, match="`start` must be an aware datetime, a date or a str"):
        client.history.search(start=17, end="2026-06-02")  # type: ignore[arg-type]
    from datetime import date

    as_date = client.history.count(start=date(2026, 6, 1), end=date(2026, 6, 2))
    as_instant = client.history.count(start=datetime(2026, 6, 1, tzinfo=timezone.utc), end="2026-06-02T02:00:00+02:00")
    assert as_date == as_instant


def test_requests_can_be_nested_as_objects_or_dictionaries(client: Client, sandbox: Sandbox) -> None:
    as_object = SurveySubmission("12", [SurveyAnswer("1", ["yes"])])
    assert as_object == SurveySubmission("12", [{"question_id": "1", "answers": ["yes"]}])
    sandbox.admin("DELETE", "/admin/requests")
    for survey in (as_object, {"survey_id": "12", "answers": [{"question_id": "1", "answers": ["yes"]}]}):
        client.visitor.start_chat(skill="Human", survey=survey)
    sent = [
        request["body"]["request"]["survey"]
        for request in sandbox.admin("GET", "/admin/requests")
        if request["route"] == "visitor.start"
    ]
    assert sent[-1] == sent[-2] == {"id": 12, "question": [{"id": 1, "answer": "yes"}]}


def test_clients_do_not_pickle_and_do_not_show_secrets(client: Client, sandbox: Sandbox) -> None:
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(client)
    assert repr(client) == 'Client(account_id="12345678")'
    secret = json.loads(sandbox.config)["password"]
    assert secret not in repr(client) + repr(sandbox) + repr(sandbox.config)


def test_a_chat_shows_only_the_harmless_end_of_its_id(client: Client) -> None:
    chat = client.visitor.chat("H1-secretK8388809")
    assert repr(chat) == "VisitorChat(id=…K8388809)"
    with pytest.raises(TypeError):
        pickle.dumps(chat)
