//! The cards of a customer: read with a number, kept without.

use service_kit::http::body::{Members, Node, Read, parsed};
use shared_events::customer::{CardType, CreditCard};

use super::card_face::CardFace;
use super::distinct::Distinct;
use super::expiration::Expiration;
use super::line::{Description, NamePart};

/// A customer has at most so many.
pub const MAX_CARDS: usize = 5;

/// Which card it can be.
pub const TYPES: [(&str, CardType); 2] = [("PRIMARY", CardType::Primary), ("ALTERNATE", CardType::Alternate)];

/// Reads the list `creditCards`: at most one of each type. A card without a number keeps the number of the stored one
/// of its type.
///
/// # Errors
/// Reported, each fault at its place.
pub fn cards(list: Node<'_>, stored: &[CreditCard]) -> Read<Vec<CreditCard>> {
    let mut types = Distinct::new(&TYPES);
    list.list(MAX_CARDS, |item| item.object(|members| card(members, &mut types, stored)))
}

fn card(members: &mut Members<'_>, types: &mut Distinct<CardType>, stored: &[CreditCard]) -> Read<CreditCard> {
    let kind = members.required("type", |node| types.read(node));
    let description = members.optional("description", parsed::<Description>);
    let face = face(members, kind, stored);
    let expiration = members.required("expiration", parsed::<Expiration>);
    let name_on_card = members.required("nameOnCard", parsed::<NamePart>);
    let (brand, last_four) = face?;
    Ok(CreditCard {
        kind: kind?,
        description: description?.map(Into::into),
        brand,
        last_four,
        expiration: expiration?.to_string(),
        name_on_card: name_on_card?.into(),
    })
}

/// Brand and last four digits: of the number, or of the stored card. The caller may name them too, if they are right.
fn face(members: &mut Members<'_>, kind: Read<CardType>, stored: &[CreditCard]) -> Read<(String, String)> {
    let number = members.optional("number", parsed::<CardFace>);
    let kept = kind.map(|kind| stored.iter().find(|card| card.kind == kind));
    let face = match (number, kept) {
        (Ok(Some(face)), _) => Ok((face.brand().to_owned(), face.last_four().to_owned())),
        (Ok(None), Ok(Some(card))) => Ok((card.brand.clone(), card.last_four.clone())),
        (Ok(None), Ok(None)) => Err(members.missing("number")),
        (Ok(None), Err(reported)) | (Err(reported), _) => Err(reported),
    };
    let right = face.as_ref().ok();
    let brand = members.optional("brand", |node| same(node, right.map(|(brand, _)| brand.as_str())));
    let last_four = members.optional("lastFour", |node| same(node, right.map(|(_, last_four)| last_four.as_str())));
    brand?;
    last_four?;
    face
}

/// Accepts the text that is right; when nobody knows which is, any text.
fn same(node: Node<'_>, right: Option<&str>) -> Read<()> {
    let text = node.text()?;
    if right.is_none_or(|right| right == text) {
        Ok(())
    } else {
        Err(node.refuse("must be left out, or be what the number says"))
    }
}
