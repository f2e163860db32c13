//! The consistency token (D7, G7): "this entity, at least at this version". A client carries it from the service that
//! wrote to the service that reads. It names a version of one entity, never a position in a log: a highest position
//! says nothing about the changes below it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use utoipa::ToSchema;

use crate::envelope::MAX_VERSION;

/// The response and request header that carries tokens.
pub const HEADER: &str = "Consistency-Token";

/// How much of a header is looked at; a longer one is malformed.
const MAX_HEADER: usize = 4096;

/// One entity at one version.
#[derive(Clone, Debug, PartialEq, Eq, Hash, ToSchema)]
pub struct ConsistencyToken {
    /// The kind of aggregate: `customer`, `order`.
    pub aggregate: String,
    /// Its id.
    pub id: String,
    /// The version that an answer must at least have.
    pub version: u64,
}

/// A text that this contract never issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a consistency token of this system")]
pub struct MalformedToken;

impl ConsistencyToken {
    /// The token of an entity. The aggregate's name is one of ours and has no colon in it; an id may be any text.
    pub fn new(aggregate: &str, id: &str, version: u64) -> Self {
        Self { aggregate: aggregate.to_owned(), id: id.to_owned(), version }
    }

    /// The opaque text. Its first part is the format's version, so that a later format can be told apart.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("1:{}:{}:{}", self.version, self.aggregate, self.id))
    }

    /// Reads one token.
    ///
    /// # Errors
    /// [`MalformedToken`] for anything that [`encode`](Self::encode) does not write.
    pub fn decode(text: &str) -> Result<Self, MalformedToken> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| MalformedToken)?;
        let plain = std::str::from_utf8(&bytes).map_err(|_| MalformedToken)?;
        let mut parts = plain.splitn(4, ':');
        let (Some("1"), Some(version), Some(aggregate), Some(id)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(MalformedToken);
        };
        let token = Self::new(aggregate, id, version.parse().map_err(|_| MalformedToken)?);
        let plausible = (1..=MAX_VERSION).contains(&token.version) && !aggregate.is_empty() && !id.is_empty();
        // Only the canonical text is a token: "+7" and "07" also parse as numbers.
        if plausible && token.encode() == text { Ok(token) } else { Err(MalformedToken) }
    }

    /// Reads a header with one or several tokens, separated by commas.
    ///
    /// # Errors
    /// [`MalformedToken`] when one of them is malformed, there is none, or the header is longer than 4,096 bytes.
    pub fn decode_list(header: &str) -> Result<Vec<Self>, MalformedToken> {
        if header.len() > MAX_HEADER {
            return Err(MalformedToken);
        }
        header.split(',').map(|one| Self::decode(one.trim())).collect()
    }
}
