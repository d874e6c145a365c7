//! Errors: the base class, one class for each family, the codes.

use lpchat::{Code, Family};

use super::text::{Names, camel, code_text, render};
use super::types::{given, unit};
use crate::interface::{Field, Interface, Type};
use crate::output::NOTICE;

/// What JavaScript calls some details of an error; the message is the error's own.
const RENAMED: [(&str, &str); 2] = [("code", "codeNumber"), ("http_status", "status")];
const OWN: [&str; 3] = ["name", "message", "cause"];

/// `errors.ts`
pub fn errors(interface: &Interface, names: &Names) -> String {
    let code = |code: &Code| {
        let docs = names.comment(format!("{} {}", code.meaning(), code.hint()).trim());
        format!("{docs}\n{}: '{}',\n", code.name(), code_text(*code))
    };
    let codes: String = Code::ALL.iter().map(code).collect();
    let families: Vec<String> = Family::ALL.iter().map(|family| format!("'{}'", family.name())).collect();
    let details = &interface.record("ErrorDetails").fields;
    let members: String = details.iter().filter(|field| !OWN.contains(&&*field.name)).map(|field| member(field, names)).collect();
    let classes: Vec<String> = Family::ALL.iter().map(|family| class(*family, names)).collect();
    let template = "
        // $notice$

        import { ErrorBase } from '../base_error.js';

        /** What exactly went wrong: the value of an error's `code`. */
        export const ErrorCode = {
          $codes$
        } as const;

        /** What exactly went wrong: `LPCHAT_` and the name of the code. */
        export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

        /** What kind of trouble it is. */
        export type ErrorFamily = $families$;

        /** The one error of lpchat; a class of its own for each family. Nothing in it is secret. */
        export class LpchatError extends ErrorBase {
          /** What exactly went wrong, such as `LPCHAT_CHAT_NOT_ACCEPTED`. */
          declare readonly code: ErrorCode;
          /** What kind of trouble it is. */
          declare readonly family: ErrorFamily;
          $members$
        }

        $classes$
    ";
    let values = [
        ("notice", NOTICE),
        ("codes", &codes),
        ("families", &families.join(" | ")),
        ("members", &members),
        ("classes", &classes.join("\n")),
    ];
    render(template, &values)
}

/// `error_tables.ts`: what the runtime looks up, and no user.
pub fn tables() -> String {
    let families: String = Family::ALL.iter().map(|family| format!("{0}: errors.Lpchat{0}Error,\n", family.name())).collect();
    let renamed: String = RENAMED.iter().map(|(from, to)| format!("{}: '{to}',\n", camel(from))).collect();
    let fact = |code: &Code| {
        let hint = serde_json::Value::from(code.hint());
        format!("{}: [{}, '{}', {}, {hint}],\n", code.name(), *code as i32, code.family().name(), code.retryable())
    };
    let codes: String = Code::ALL.iter().map(fact).collect();
    let template = "
        // $notice$

        import * as errors from './errors.js';

        /** The class of each family. */
        export const families: Readonly<Record<errors.ErrorFamily, typeof errors.LpchatError>> = {
          $families$
        };

        /** Of each code: its number, its family, whether a repeat may succeed, what to do about it. */
        export const codes: Readonly<
          Record<keyof typeof errors.ErrorCode, readonly [number, errors.ErrorFamily, boolean, string]>
        > = {
          $codes$
        };

        /** Details that JavaScript calls by another name. */
        export const renamed: Readonly<Record<string, string>> = {
          $renamed$
        };
    ";
    render(template, &[("notice", NOTICE), ("families", &families), ("codes", &codes), ("renamed", &renamed)])
}

fn member(field: &Field, names: &Names) -> String {
    let name =
        RENAMED.iter().find(|(from, _)| *from == field.name).map_or_else(|| camel(&field.name), |(_, to)| (*to).to_owned());
    let docs = names.comment(&format!("{}{}", field.docs, unit(&field.ty)));
    match &field.ty {
        Type::Optional(inner) => format!("{docs}\ndeclare readonly {name}?: {};\n", given(inner)),
        ty => format!("{docs}\ndeclare readonly {name}: {};\n", given(ty)),
    }
}

fn class(family: Family, names: &Names) -> String {
    let codes: Vec<String> = Code::ALL
        .iter()
        .filter(|code| code.family() == family)
        .map(|code| format!("* `{}` ({}): {}", code_text(*code), *code as i32, code.meaning()))
        .collect();
    let docs = names.comment(&format!("{}\n\n{}", family.meaning().trim(), codes.join("\n")));
    let template = "
        $docs$
        export class Lpchat$family$Error extends LpchatError {
          declare readonly family: '$family$';
          /** @internal */
          static override readonly family: string = '$family$';
        }
    ";
    render(template, &[("docs", &docs), ("family", family.name())])
}
