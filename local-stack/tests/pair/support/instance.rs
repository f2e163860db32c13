//! A running instance of a service: where its doors are, and the ways in which it ends.

use std::path::Path;
use std::process::ExitStatus;

use local_stack::{Service, ServiceKind};

use super::client::{self, answer};
use super::eventually::eventually;

/// One process of accounts or of orders. Dropping it stops it, too.
#[derive(Debug)]
pub(crate) struct Instance {
    service: Service,
    url: String,
    operations: String,
}

impl Instance {
    /// Starts it and waits until it is ready.
    pub(crate) async fn start(kind: ServiceKind, settings: &[(String, String)]) -> Self {
        let service = Service::start(kind, settings).await.unwrap();
        service.ready().await.unwrap();
        let (url, operations) = (service.base_url(), service.operations_url());
        Self { service, url, operations }
    }

    /// Waits until its copy has reached the end of its log: before that, what is missing may still come.
    pub(crate) async fn caught_up(&self) {
        let (http, url) = (client::http(), format!("{}/caughtup", self.operations));
        eventually("the copy has caught up", || async {
            let answer = answer(http.get(&url)).await;
            if answer.status == 200 { Ok(()) } else { Err(answer.to_string()) }
        })
        .await;
    }

    /// The public door.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The door for operators.
    pub(crate) fn operations(&self) -> &str {
        &self.operations
    }

    pub(crate) fn name(&self) -> &'static str {
        self.service.kind().name()
    }

    pub(crate) fn log(&self) -> &Path {
        self.service.log()
    }

    /// As a crash: the process does not learn of it.
    pub(crate) async fn kill9(&self) {
        self.service.kill9();
        self.service.ended().await;
    }

    /// SIGTERM, and the end in order.
    pub(crate) async fn stop(self) -> ExitStatus {
        self.service.terminate();
        self.service.ended().await
    }
}
