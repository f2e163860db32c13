//! The OpenAPI 3.1 document and its pages. The document is made of the handlers' own annotations; what every operation
//! shares (refusals, headers, parameters) is said once here and named in one word there.

mod pages;
mod parameters;
mod refusals;

use utoipa::openapi::{ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi};

pub(super) use self::pages::Pages;
pub use self::parameters::{
    ConsistencyParameters, IdempotencyParameters, IfMatchParameters, PageParameters, ReadParameters,
};
pub use self::refusals::{
    ActionProblems, ChangeProblems, CreateProblems, ListProblems, PlainProblems, ReadProblems, RemoveProblems,
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
}

/// Completes what was collected from the handlers.
pub(super) fn complete(mut document: OpenApi, about: &About) -> OpenApi {
    document.info = InfoBuilder::new()
        .title(about.title)
        .version(about.version)
        .description(Some(about.description))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .build();
    let mut components = document.components.take().unwrap_or_else(|| ComponentsBuilder::new().build());
    refusals::add_to(&mut components);
    document.components = Some(components);
    document
}
