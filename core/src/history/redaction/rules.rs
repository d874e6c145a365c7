//! What becomes of each member of a page: the one list.
//!
//! Source: `docs/protocol/engagement-history-api.md`, "The record" and "Fields by kind".

/// What becomes of a member.
#[derive(Debug)]
pub(super) enum Rule {
    /// It stays: a scalar, or a list of scalars.
    Keep,
    /// It stays with all that is in it.
    Whole,
    /// It tells who somebody is, as a text: a digest stands for it, or it goes.
    Identity,
    /// It tells something about somebody and is no text: it goes.
    Personal,
    /// People wrote it: it goes, unless texts are kept.
    Words,
    /// An object, or a list of objects, whose members have rules of their own.
    Members(&'static [Entry]),
    /// A list of such objects within an object, under this name.
    Contained(&'static str, &'static [Entry]),
    /// An object with the members of the one it stands in.
    Same,
}

/// Names of a member, and its rule.
pub(super) type Entry = (&'static [&'static str], Rule);

use Rule::{Contained, Identity, Keep, Members, Personal, Same, Whole, Words};

pub(super) static PAGE: &[Entry] = &[(&["_metadata"], Whole), (&["interactionHistoryRecords"], Members(RECORD))];

pub(super) static RECORD: &[Entry] = &[
    (&["info"], Members(INFO)),
    (&["transcript"], Members(TRANSCRIPT)),
    (&["lineScores"], Members(LINE_SCORE)),
    (&["campaign"], Members(CAMPAIGN)),
    (&["visitorInfo"], Members(VISITOR)),
    (&["coBrowseSessions"], Contained("coBrowseSessionsList", CO_BROWSE)),
    (&["surveys"], Members(SURVEYS)),
    (&["predictions"], Members(PREDICTION)),
    (&["sdes"], Contained("events", EVENT)),
];

pub(super) static INFO: &[Entry] = &[
    (&["engagementId", "accountId", "engagementSet", "engagementSequence"], Keep),
    (&["chatRequestedTimeL", "chatRequestedTime", "startTimeL", "startTime", "endTimeL", "endTime", "duration"], Keep),
    (&["isInteractive", "interactive", "ended", "isEnded", "isPartial", "chatDataEnriched", "isChatDataEnriched"], Keep),
    (&["agentId", "agentNickName", "agentName", "agentNickname", "agentLoginName"], Keep),
    (&["agentFullName", "agentFullname", "agentDeleted", "agentGroupId", "agentGroupName"], Keep),
    (&["skillId", "skillName", "channel", "startReason", "startReasonDesc", "endReason", "endReasonDesc"], Keep),
    (&["isPreChatSurvey", "isPostChatSurvey", "isAgentSurvey", "mcs", "alertedMCS", "chatMCS"], Keep),
    (&["sharkEngagementId", "visitorId", "visitorName", "chatStartUrl", "chatStartPage"], Identity),
];

pub(super) static TRANSCRIPT: &[Entry] = &[(&["lines"], Members(LINE))];

pub(super) static LINE: &[Entry] = &[
    (&["timeL", "time", "lineSeq", "source", "agentId", "textType", "subType", "cannedAnswerType", "controlType"], Keep),
    (&["by"], Identity),
    (&["text", "json"], Words),
];

pub(super) static LINE_SCORE: &[Entry] = &[(&["lineSeq", "lineRawScore", "mcs"], Keep)];

pub(super) static CAMPAIGN: &[Entry] = &[
    (&["campaignId", "campaignName", "campaignEngagementId", "campaignEngagementName", "goalId", "goalName"], Keep),
    (&["visitorBehaviorId", "visitorBehaviorName", "visitorProfileId", "visitorProfileName", "lobId", "lobName"], Keep),
    (&["profileSystemDefault", "behaviorSystemDefault"], Keep),
    (&["engagementAgentNote"], Words),
];

pub(super) static VISITOR: &[Entry] = &[
    (&["country", "countryCode", "state", "device", "browser", "browserType", "operatingSystem"], Keep),
    (&["city", "isp", "org", "ipAddress"], Identity),
];

pub(super) static CO_BROWSE: &[Entry] = &[
    (&["sessionId", "startTimeL", "startTime", "endTimeL", "endTime", "interactiveTimeL", "interactiveTime"], Keep),
    (&["duration", "interactive", "isInteractive", "endReason", "type", "capabilities", "agentId"], Keep),
];

pub(super) static SURVEYS: &[Entry] = &[(&["preChat", "postChat", "operator"], Members(ANSWER))];

pub(super) static ANSWER: &[Entry] = &[
    (&["displayName", "answersId", "name", "questionID", "questionId", "surveyID", "surveyId"], Keep),
    (&["scope", "source", "timeL", "time"], Keep),
    (&["value", "values"], Words),
];

pub(super) static PREDICTION: &[Entry] =
    &[(&["predictionId", "predictionLabel", "confidenceScore", "lineSeq"], Keep), (&["topPrediction"], Same)];

pub(super) static EVENT: &[Entry] = &[
    (&["sdeType"], Keep),
    (ENVELOPE, Keep),
    (&["cartStatus"], Members(CART)),
    (&["customerInfo"], Members(CUSTOMER)),
    (&["lead"], Members(LEAD)),
    (&["marketingCampaignInfo"], Members(MARKETING)),
    (&["personalInfo"], Members(PERSON)),
    (&["purchase"], Members(PURCHASE)),
    (&["searchContent"], Members(SEARCH)),
    (&["serviceActivity"], Members(SERVICE)),
    (&["viewedProduct", "viewProduct"], Members(VIEWED)),
    (&["visitorError", "formFillingError"], Members(ERROR)),
];

/// What every payload holds beside its own members.
pub(super) static ENVELOPE: &[&str] = &["serverTimeStamp", "originalTimeStamp", "isAuthenticated"];

pub(super) static CART: &[Entry] =
    &[(ENVELOPE, Keep), (&["total", "currency", "numItems"], Keep), (&["products"], Members(PRODUCT))];

pub(super) static PRODUCT: &[Entry] =
    &[(&["quantity", "name", "category", "sku", "price", "statusInStock", "quantityInStock"], Keep), (&["product"], Same)];

pub(super) static CUSTOMER: &[Entry] = &[
    (ENVELOPE, Keep),
    (&["customerStatus", "customerType", "currency", "Currency", "role", "companySize", "loginStatus"], Keep),
    (&["customerId", "socialId", "imei", "userName", "accountName", "companyBranch", "storeNumber", "storeZipCode"], Identity),
    (&["balance", "lastPaymentDate", "registrationDate"], Personal),
    (&["customerInfo"], Same),
];

pub(super) static LEAD: &[Entry] =
    &[(ENVELOPE, Keep), (&["topic", "value", "currency"], Keep), (&["leadId"], Identity), (&["lead"], Same)];

pub(super) static MARKETING: &[Entry] =
    &[(ENVELOPE, Keep), (&["originatingChannel", "affiliate", "campaignId"], Keep), (&["marketingCampaignInfo"], Same)];

pub(super) static PERSON: &[Entry] = &[
    (ENVELOPE, Keep),
    (&["language"], Keep),
    (&["name", "surname", "company"], Identity),
    (&["gender", "customerAge"], Personal),
    (&["contacts"], Members(CONTACT)),
    (&["personalInfo"], Same),
];

pub(super) static CONTACT: &[Entry] =
    &[(&["email", "phone"], Identity), (&["address"], Members(ADDRESS)), (&["personalContact"], Same)];

pub(super) static ADDRESS: &[Entry] = &[(&["country", "region"], Keep), (&["zipCode"], Identity)];

pub(super) static PURCHASE: &[Entry] =
    &[(ENVELOPE, Keep), (&["total", "currency"], Keep), (&["orderId"], Identity), (&["cart"], Members(CART))];

pub(super) static SEARCH: &[Entry] = &[(ENVELOPE, Keep), (&["keywords"], Words)];

pub(super) static SERVICE: &[Entry] =
    &[(ENVELOPE, Keep), (&["topic", "status", "category"], Keep), (&["serviceId"], Identity), (&["serviceActivity"], Same)];

pub(super) static VIEWED: &[Entry] = &[(ENVELOPE, Keep), (&["currency"], Keep), (&["products"], Members(PRODUCT))];

pub(super) static ERROR: &[Entry] =
    &[(ENVELOPE, Keep), (&["contextId", "code", "level", "resolved"], Keep), (&["message"], Words), (&["visitorError"], Same)];

/// The rule of a member.
pub(super) fn rule_of(entries: &'static [Entry], name: &str) -> Option<&'static Rule> {
    entries.iter().find(|(names, _)| names.contains(&name)).map(|(_, rule)| rule)
}

impl Rule {
    fn words(&self) -> &'static str {
        match self {
            Keep | Whole => "stays",
            Identity => "digest, or left out",
            Personal => "left out",
            Words => "left out, unless texts are kept",
            Members(_) | Contained(..) | Same => "by its members",
        }
    }
}

fn describe(text: &mut String, path: &str, entries: &[Entry]) {
    for (names, rule) in entries {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let inner = match rule {
            Same => continue,
            Members(inner) => Some((*inner, "")),
            Contained(item, inner) => Some((*inner, *item)),
            _ => None,
        };
        let Some((inner, item)) = inner else {
            text.push_str(&format!("| {path} | {} | {} |\n", names.join(", "), rule.words()));
            continue;
        };
        let name = names.join("/").replace('`', "");
        let parts = [path.trim_matches('`'), &name, item];
        let path: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        describe(text, &format!("`{}`", path.join(".")), inner);
    }
}

/// The documentation of redaction, in Markdown: what `docs/redaction.md` holds.
pub fn redaction_markdown() -> String {
    let mut text = String::from(
        "# Redaction\n\n\
        A search with `redact` hands out no visitor: what tells who somebody is, and what people wrote, is taken out of the \
        service's answer before it is decoded. Objects, their raw JSON, tables, exports and errors never had it.\n\n\
        * **Identities** (names, ids, addresses, the visitor's network address): without a key they are left out. With `hash_key`, a \
        secret of at least 16 bytes, each becomes HMAC-SHA-256 of its text under that key, in 64 hexadecimal digits. The same value \
        has the same digest wherever it stands and in every search with the same key, so that tables join and repeated visits can \
        be counted. A number is hashed as the text it was sent as. `\"\"`, `NA` and `-1`, which mean \"none\", stay.\n\
        * **Personal numbers and dates** (age, balance, birth): left out.\n\
        * **What people wrote** (lines, structured content, survey answers, notes, searches): left out, unless `keep_texts`. Times, \
        authors' roles, counts and scores stay, and so does the index of a survey's choice, `answer_ids`.\n\
        * **What this version does not know**, in any place: left out.\n\n\
        The key of a record stays, `engagement_id` included: who has access to the account can look the chat up by it. Agents' names \
        and ids stay, except as the author of a line, where the visitor's name stands as well. `History.get` takes `redact`, too. \
        Where the service fails, its own words are left out of the error.\n\n\
        This page is written by `LPCHAT_UPDATE_DOCS=1 cargo test -p lpchat`.\n\n\
        | of | members, as the service names them | what becomes of them |\n| --- | --- | --- |\n",
    );
    describe(&mut text, "", RECORD);
    text
}
