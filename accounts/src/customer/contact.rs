//! How to reach a customer.

use service_kit::http::body::{Members, Read, parsed};
use shared_events::customer::Contact;

use super::email::Email;
use super::phone::Phone;

/// The table of the object `contact`.
///
/// # Errors
/// Reported, each fault at its member.
pub fn contact(members: &mut Members<'_>) -> Read<Contact> {
    let primary_phone = members.required("primaryPhone", parsed::<Phone>);
    let secondary_phone = members.optional("secondaryPhone", parsed::<Phone>);
    let email = members.required("email", parsed::<Email>);
    Ok(Contact {
        primary_phone: primary_phone?.into(),
        secondary_phone: secondary_phone?.map(Into::into),
        email: email?.into(),
    })
}
