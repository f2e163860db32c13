//! The OpenAPI 3.1 document and its pages. The document is made of the handlers' own annotations; what every operation
//! shares (refusals, headers, parameters) is said once here and named in one word there.

pub mod bodies;
mod pages;
mod parameters;
mod refusals;

use utoipa::openapi::tag::{Tag, TagBuilder};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, Server};

pub(super) use self::pages::Pages;
pub use self::parameters::{
    ConsistencyParameters, IdempotencyParameters, IfMatchParameters, OptionalIfMatchParameters, PageParameters,
    ReadParameters,
};
pub use self::refusals::{
    ActionProblems, ChangeProblems, CreateProblems, LastingCreateProblems, LastingReadProblems, ListProblems,
    PlainProblems, ReadProblems, RemoveProblems, StreamProblems,
};

/// What a service says of itself.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Its name, which is also the first part of its paths: `accounts`.
    pub service: &'static str,
    /// Its version, from its crate.
    pub version: &'static str,
    /// The document's title.
    pub title: &'static str,
    /// What it does, in Markdown.
    pub description: &'static str,
    /// The sections of its page in their order: the tag that operations name, and what they have in common.
    pub sections: &'static [(&'static str, &'static str)],
}

/// The section of the probes, which comes last.
const OPERATIONS: (&str, &str) = ("operations", "How the service is: for people, orchestrators and alerts.");

/// Completes what was collected from the handlers.
pub(super) fn complete(mut document: OpenApi, about: &About) -> OpenApi {
    document.info = InfoBuilder::new()
        .title(about.title)
        .version(about.version)
        .description(Some(about.description))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .build();
    // Relative: whatever host serves the document serves the API.
    document.servers = Some(vec![Server::new("/")]);
    let sections = about.sections.iter().chain([&OPERATIONS]);
    document.tags = Some(sections.map(|(name, what)| section(name, what)).collect());
    let mut components = document.components.take().unwrap_or_else(|| ComponentsBuilder::new().build());
    refusals::add_to(&mut components);
    document.components = Some(components);
    document
}

fn section(name: &str, what: &str) -> Tag {
    TagBuilder::new().name(name).description(Some(what)).build()
}
