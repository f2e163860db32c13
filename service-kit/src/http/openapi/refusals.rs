//! The refusals that operations share. An operation names a set: `responses((status = 200, …), ReadProblems)`.

use std::collections::BTreeMap;

use utoipa::openapi::schema::{Components, ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, Header, HeaderBuilder, Ref, RefOr, Response, ResponseBuilder, Schema};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

use super::super::problem::{MEDIA_TYPE, ProblemDocument};

type Responses = BTreeMap<String, RefOr<Response>>;

/// One refusal: its name among the components, when it is given, and the headers it has besides those of every answer.
struct Refusal {
    status: u16,
    name: &'static str,
    when: &'static str,
    headers: &'static [(&'static str, &'static str)],
}

const RETRY_AFTER: (&str, &str) = ("Retry-After", "Seconds after which to come back.");

const REFUSALS: [Refusal; 12] = [
    Refusal {
        status: 400,
        name: "Malformed",
        when: "The body is no JSON, or a parameter, header or cursor cannot be read.",
        headers: &[],
    },
    Refusal { status: 404, name: "NotFound", when: "Nothing has this id.", headers: &[] },
    Refusal { status: 408, name: "RequestTimeout", when: "The body did not arrive in time.", headers: &[] },
    Refusal { status: 409, name: "Conflict", when: "The current state forbids it.", headers: &[] },
    Refusal { status: 410, name: "Gone", when: "It was deleted.", headers: &[] },
    Refusal {
        status: 412,
        name: "PreconditionFailed",
        when: "The state is another one than `If-Match` names.",
        headers: &[("ETag", "The tag of the current state.")],
    },
    Refusal { status: 413, name: "ContentTooLarge", when: "The body is too large.", headers: &[] },
    Refusal {
        status: 415,
        name: "UnsupportedMediaType",
        when: "The body is of a type that is not read here.",
        headers: &[("Accept", "The types that are."), ("Accept-Encoding", "The codings that are.")],
    },
    Refusal {
        status: 422,
        name: "Invalid",
        when: "The content is wrong; `errors` has every fault. Or the `Idempotency-Key` was used with another body.",
        headers: &[],
    },
    Refusal { status: 428, name: "PreconditionRequired", when: "`If-Match` is required.", headers: &[] },
    Refusal { status: 500, name: "Internal", when: "A defect of the service.", headers: &[] },
    Refusal {
        status: 503,
        name: "Unavailable",
        when: "Nothing happened and later it may; or, as the `type` says, the outcome is unknown, or the state that \
               was asked for has not arrived.",
        headers: &[RETRY_AFTER],
    },
];

/// Defines a set of refusals as a type that `#[utoipa::path]` takes.
macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = [$($status:literal),+];)+) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl IntoResponses for $name {
            fn responses() -> Responses {
                references(&[$($status),+])
            }
        }
    )+ };
}

refusals! {
    /// Of an operation that only a malformed request or a defect can refuse.
    PlainProblems = [400, 500];
    /// Of a list.
    ListProblems = [400, 500, 503];
    /// Of reading one thing.
    ReadProblems = [400, 404, 410, 412, 500, 503];
    /// Of reading one thing of a kind that is never deleted.
    LastingReadProblems = [400, 404, 412, 500, 503];
    /// Of creating something.
    CreateProblems = [400, 408, 409, 410, 413, 415, 422, 500, 503];
    /// Of a stream of lines, before it begins.
    StreamProblems = [400, 415, 500, 503];
    /// Of creating something of a kind that is never deleted.
    LastingCreateProblems = [400, 408, 409, 413, 415, 422, 500, 503];
    /// Of replacing or patching something.
    ChangeProblems = [400, 404, 408, 409, 410, 412, 413, 415, 422, 428, 500, 503];
    /// Of deleting something.
    RemoveProblems = [400, 404, 410, 412, 428, 500, 503];
    /// Of an action without a body on something of a kind that is never deleted.
    ActionProblems = [400, 404, 409, 412, 500, 503];
}

/// Adds the shared refusals, and the shape they have, to the document's components.
pub(super) fn add_to(components: &mut Components) {
    let mut schemas = vec![(ProblemDocument::name().into_owned(), ProblemDocument::schema())];
    ProblemDocument::schemas(&mut schemas);
    components.schemas.extend(schemas);
    for refusal in &REFUSALS {
        components.responses.insert(refusal.name.to_owned(), refusal.response().into());
    }
}

fn references(statuses: &[u16]) -> Responses {
    let wanted = REFUSALS.iter().filter(|refusal| statuses.contains(&refusal.status));
    wanted.map(|refusal| (refusal.status.to_string(), Ref::from_response_name(refusal.name).into())).collect()
}

impl Refusal {
    fn response(&self) -> Response {
        let shape = Ref::from_schema_name(ProblemDocument::name());
        let content = ContentBuilder::new().schema(Some(shape)).build();
        let response = ResponseBuilder::new().description(self.when).content(MEDIA_TYPE, content);
        self.headers.iter().fold(response, |response, (name, what)| response.header(*name, text_header(what))).build()
    }
}

fn text_header(what: &str) -> Header {
    let text: Schema = ObjectBuilder::new().schema_type(Type::String).build().into();
    HeaderBuilder::new().schema(Some(text)).description(Some(what)).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_of_a_set_is_described() {
        let sets = [
            PlainProblems::responses(),
            ListProblems::responses(),
            ReadProblems::responses(),
            LastingReadProblems::responses(),
            CreateProblems::responses(),
            StreamProblems::responses(),
            LastingCreateProblems::responses(),
            ChangeProblems::responses(),
            RemoveProblems::responses(),
            ActionProblems::responses(),
        ];
        assert_eq!(sets.map(|set| set.len()), [2, 3, 6, 5, 9, 4, 8, 12, 7, 6]);
    }
}
