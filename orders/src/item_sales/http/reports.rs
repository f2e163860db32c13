//! What the handlers share: the sales, the waiting for a state that a token names (D7), and what every report says of
//! itself.

use actix_web::HttpResponseBuilder;
use actix_web::http::header::{self, HeaderName};
use service_kit::http::call::Call;
use service_kit::http::consistency::{Consistency, Freshness, Sources};
use service_kit::http::problem::Problem;
use shared_events::time::Timestamp;

use crate::item_sales::view::Sales;

const AS_OF: HeaderName = HeaderName::from_static("as-of");

/// The sales, for handlers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Reports {
    pub(super) sales: Sales,
    sources: Sources,
}

/// A state that may be read from, and what the answer has to say of it.
#[derive(Debug)]
pub(super) struct Reading {
    consistency: Consistency,
    freshness: Freshness,
    /// Every event of an order that was in the log at this instant is counted. `None` when the log could not be looked at
    /// since this process started.
    pub(super) as_of: Option<Timestamp>,
}

impl Reports {
    /// Over these sales; what a token names is waited for in `sources`, where an order is what the sales count of it.
    pub fn new(sales: Sales, sources: Sources) -> Self {
        Self { sales, sources }
    }

    /// Waits until everything is there that the request's tokens name.
    ///
    /// Afterwards, and only then, the sales may be read: what is said about how new they are was true before.
    pub(super) async fn reach(&self, call: &Call) -> Result<Reading, Problem> {
        let (consistency, freshness) = self.sources.reach(call).await?;
        if !self.sales.is_complete() {
            return Err(Problem::not_yet_complete("sales"));
        }
        Ok(Reading { consistency, freshness, as_of: self.sales.as_of() })
    }
}

impl Reading {
    /// What the answer says of itself, in either form.
    pub(super) fn mark(&self, response: &mut HttpResponseBuilder) {
        response.insert_header((header::VARY, "Accept"));
        if let Some(as_of) = self.as_of {
            response.insert_header((AS_OF, as_of.to_string()));
        }
        self.consistency.mark(self.freshness, response);
    }
}
