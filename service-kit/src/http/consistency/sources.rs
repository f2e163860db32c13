//! Where the entities are that a token may name: for each kind of aggregate, the place that answers are read from.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use shared_events::token::ConsistencyToken;

use super::super::call::Call;
use super::super::problem::Problem;
use super::{Consistency, Freshness, Waiters};
use crate::projection::{AccumulatingProjection, CopyProjection, CopyReader, TotalsReader};
use crate::write_path::{Aggregate, Store};

/// A version, `None` when there is nothing yet, or why it cannot be told.
pub type Version = Result<Option<u64>, Problem>;

/// A place that answers are read from.
pub trait Versions: Send + Sync + 'static {
    /// The version of an entity that a reader would find now.
    fn version_of<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Version>;
}

impl<A: Aggregate> Versions for Store<A> {
    fn version_of<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Version> {
        Box::pin(async { Ok(self.version(id).await?) })
    }
}

impl<C: CopyProjection> Versions for CopyReader<C> {
    fn version_of<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Version> {
        Box::pin(async { Ok(self.version(id).await?) })
    }
}

impl<A: AccumulatingProjection> Versions for TotalsReader<A> {
    fn version_of<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Version> {
        Box::pin(async { Ok(self.version(id).await?) })
    }
}

/// The kinds of aggregates that a service owns or projects, and where they are. Cheap to clone.
#[derive(Clone)]
pub struct Sources {
    waiters: Waiters,
    places: Vec<(&'static str, Arc<dyn Versions>)>,
}

impl Sources {
    /// No kind yet; requests that carry tokens wait here.
    pub fn new(waiters: Waiters) -> Self {
        Self { waiters, places: Vec::new() }
    }

    /// A further kind of aggregate, by its name in tokens.
    #[must_use]
    pub fn with(mut self, aggregate: &'static str, place: impl Versions) -> Self {
        self.places.push((aggregate, Arc::new(place)));
        self
    }

    /// Waits until everything that the request's tokens name has come (D7).
    ///
    /// # Errors
    /// 400 when a token is malformed or of a kind that is not here; else as [`Waiters::reach`].
    pub async fn reach(&self, call: &Call) -> Result<(Consistency, Freshness), Problem> {
        let known: Vec<_> = self.places.iter().map(|(aggregate, _)| *aggregate).collect();
        let consistency = call.consistency(&known)?;
        let freshness = self.waiters.reach(&consistency, async |token| self.version(token).await).await?;
        Ok((consistency, freshness))
    }

    async fn version(&self, token: &ConsistencyToken) -> Version {
        match self.places.iter().find(|(aggregate, _)| *aggregate == token.aggregate) {
            Some((_, place)) => place.version_of(&token.id).await,
            None => Ok(None),
        }
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.places.iter().map(|(aggregate, _)| aggregate)).finish()
    }
}

#[cfg(test)]
mod tests {
    use actix_web::FromRequest;
    use actix_web::dev::Payload;
    use actix_web::test::TestRequest;
    use tokio_util::sync::CancellationToken;

    use super::super::super::problem::Kind;
    use super::super::TOKEN_HEADER;
    use super::*;

    /// Everything is at this version.
    struct At(u64);

    impl Versions for At {
        fn version_of<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Version> {
            Box::pin(std::future::ready(Ok(Some(self.0))))
        }
    }

    async fn reached(tokens: &[(&str, u64)]) -> Result<Freshness, Kind> {
        let sources = Sources::new(Waiters::new(1, CancellationToken::new())).with("left", At(1)).with("right", At(2));
        let token = |(kind, version): &(&str, u64)| ConsistencyToken::new(kind, "a", *version).encode();
        let tokens: Vec<_> = tokens.iter().map(token).collect();
        let request = TestRequest::get().insert_header(("prefer", "wait=0"));
        let request = request.insert_header((TOKEN_HEADER, tokens.join(","))).to_http_request();
        let Ok(call) = Call::from_request(&request, &mut Payload::None).await;
        sources.reach(&call).await.map(|(_, freshness)| freshness).map_err(|problem| problem.kind())
    }

    #[actix_web::test]
    async fn each_kind_is_looked_for_where_it_is() {
        assert_eq!(reached(&[("left", 1), ("right", 2)]).await, Ok(Freshness::Current));
        assert_eq!(reached(&[("left", 2)]).await, Err(Kind::NotYetConsistent));
        assert_eq!(reached(&[("right", 2), ("up", 1)]).await, Err(Kind::Malformed));
    }
}
