//! The body of a customer, as it is sent: for a create, and for a replacement of what is stored.
//!
//! What the service itself sets may be sent back as it was read, and nothing else; so a client can read a customer,
//! change a part and send all of it.

use service_kit::http::body::{Fault, Json, Members, Node, Read, read, whole_number};
use shared_events::customer::{Customer, Status};
use shared_events::time::Timestamp;

use super::id::CustomerId;
use super::profile::Profile;

const STATUS: [(&str, Status); 2] = [("ACTIVE", Status::Active), ("DELETED", Status::Deleted)];

/// The body of a create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCustomer {
    /// The id, if the caller chose one.
    pub id: Option<CustomerId>,
    /// Everything else.
    pub profile: Profile,
}

/// Reads the body of a create.
///
/// # Errors
/// Every fault it has.
pub fn new_customer(json: &Json) -> Result<NewCustomer, Vec<Fault>> {
    read(json, |body| {
        body.object(|members| {
            let id = members.optional("id", CustomerId::read);
            let profile = Profile::read(members, &[]);
            set_by_service(members, None)?;
            Ok(NewCustomer { id: id?, profile: profile? })
        })
    })
}

/// Reads the body that is to replace a stored customer.
///
/// # Errors
/// Every fault it has.
pub fn replacement(json: &Json, stored: &Customer) -> Result<Profile, Vec<Fault>> {
    read(json, |body| {
        body.object(|members| {
            let id = members.optional("id", |node| same_id(node, &stored.id));
            let profile = Profile::read(members, &stored.credit_cards);
            set_by_service(members, Some(stored))?;
            id?;
            profile
        })
    })
}

/// The id that a body names, when it names one that is right. Its faults are told by the readers above.
pub fn named_id(json: &Json) -> Option<CustomerId> {
    read(json.member("id")?, CustomerId::read).ok()
}

fn same_id(node: Node<'_>, stored: &str) -> Read<()> {
    if CustomerId::read(node)?.as_str() == stored {
        Ok(())
    } else {
        Err(node.refuse("must be left out, or be the id of this customer"))
    }
}

fn instant(node: Node<'_>) -> Read<Timestamp> {
    Timestamp::parse(node.text()?).map_err(|rule| node.refuse(rule.to_string()))
}

fn set_by_service(members: &mut Members<'_>, stored: Option<&Customer>) -> Read<()> {
    let rows = [
        set_by_service_one(members, "version", stored.map(|stored| stored.version), whole_number),
        set_by_service_one(members, "status", stored.map(|stored| stored.status), |node| node.one_of(&STATUS)),
        set_by_service_one(members, "createdAt", stored.map(|stored| stored.created_at), instant),
        set_by_service_one(members, "updatedAt", stored.map(|stored| stored.updated_at), instant),
        set_by_service_one(members, "deletedAt", stored.and_then(|stored| stored.deleted_at), instant),
    ];
    rows.into_iter().collect()
}

fn set_by_service_one<T: PartialEq>(
    members: &mut Members<'_>,
    name: &'static str,
    stored: Option<T>,
    value: impl FnOnce(Node<'_>) -> Read<T>,
) -> Read<()> {
    let same = |node: Node<'_>| {
        let given = value(node)?;
        if Some(given) == stored {
            Ok(())
        } else {
            Err(node.refuse("must be left out, or be what is stored: the service sets it"))
        }
    };
    members.optional(name, same).map(|_| ())
}
