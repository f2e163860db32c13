//! A person's name.

use service_kit::http::body::{Members, Read, parsed};
use shared_events::customer::Name;

use super::line::NamePart;

/// The table of the object `name`.
///
/// # Errors
/// Reported, each fault at its member.
pub fn name(members: &mut Members<'_>) -> Read<Name> {
    let title = members.optional("title", parsed::<NamePart>);
    let first_name = members.required("firstName", parsed::<NamePart>);
    let middle_name = members.optional("middleName", parsed::<NamePart>);
    let last_name = members.required("lastName", parsed::<NamePart>);
    let suffix = members.optional("suffix", parsed::<NamePart>);
    Ok(Name {
        title: title?.map(Into::into),
        first_name: first_name?.into(),
        middle_name: middle_name?.map(Into::into),
        last_name: last_name?.into(),
        suffix: suffix?.map(Into::into),
    })
}
