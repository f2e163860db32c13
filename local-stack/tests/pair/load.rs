//! Load as a shop makes it: many writers, a few customers that everybody changes and many that one writer changes.
//!
//! Every writer waits for its answer before it goes on. What it hears goes to the oracle, also what it cannot know.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use reqwest::header::IF_MATCH;
use tokio::task::JoinSet;

use crate::oracle::{Oracle, Verdict, Wish};
use crate::support::client::{self, Instances, Reply};
use crate::support::customers;
use crate::support::eventually::eventually;

/// Between two looks for a running instance.
const NOBODY_THERE: Duration = Duration::from_millis(5);

/// Customers that every writer changes, each with the newest version that anybody has heard of.
#[derive(Clone, Debug)]
pub(crate) struct Hot(Arc<Vec<(String, AtomicU64)>>);

impl Hot {
    pub(crate) fn ids(&self) -> Vec<String> {
        self.0.iter().map(|(id, _)| id.clone()).collect()
    }
}

/// Writers at work.
#[derive(Debug)]
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    writers: JoinSet<()>,
}

impl Load {
    /// Starts them; they go on until [`end`](Self::end).
    pub(crate) fn start(writers: usize, seed: u64, instances: &Instances, oracle: &Arc<Oracle>, hot: &Hot) -> Self {
        let (stop, http) = (Arc::new(AtomicBool::new(false)), client::http());
        let mut load = Self { stop: Arc::clone(&stop), writers: JoinSet::new() };
        for number in 0..writers {
            let mut writer = Writer {
                caller: Caller { http: http.clone(), oracle: Arc::clone(oracle) },
                name: format!("w{number}"),
                rng: StdRng::seed_from_u64(seed.wrapping_add(number as u64)),
                instances: instances.clone(),
                hot: hot.clone(),
                cold: Vec::new(),
                created: 0,
            };
            let stop = Arc::clone(&stop);
            load.writers.spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    writer.one_change().await;
                }
            });
        }
        load
    }

    /// Lets every writer hear its last answer.
    pub(crate) async fn end(mut self) {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(ended) = self.writers.join_next().await {
            ended.unwrap();
        }
    }
}

/// Creates the customers that everybody will change.
pub(crate) async fn hot_customers(number: usize, url: &str, oracle: &Arc<Oracle>) -> Hot {
    let caller = Caller { http: client::http(), oracle: Arc::clone(oracle) };
    let mut customers = Vec::new();
    for number in 0..number {
        let id = format!("hot-{number}");
        // A service that has just started may still be comparing its database with the log.
        eventually("a customer is created", || async {
            let verdict = caller.create(url, &id).await;
            let created = matches!(verdict, Verdict::Acknowledged { version: 1, .. });
            if created { Ok(()) } else { Err(format!("{verdict:?}")) }
        })
        .await;
        customers.push((id, AtomicU64::new(1)));
    }
    Hot(Arc::new(customers))
}

/// A customer that one writer changes.
#[derive(Debug)]
struct Cold {
    id: String,
    version: u64,
}

#[derive(Debug)]
struct Writer {
    caller: Caller,
    name: String,
    rng: StdRng,
    instances: Instances,
    hot: Hot,
    cold: Vec<Cold>,
    created: u32,
}

impl Writer {
    async fn one_change(&mut self) {
        let Some(url) = self.instances.any(&mut self.rng) else {
            return tokio::time::sleep(NOBODY_THERE).await;
        };
        match self.rng.random_range(0..10) {
            0..=4 => self.change_hot(&url).await,
            5..=6 => self.create(&url).await,
            7..=8 => self.change_cold(&url).await,
            _ => self.delete_cold(&url).await,
        }
    }

    async fn change_hot(&mut self, url: &str) {
        let hot = Arc::clone(&self.hot.0);
        let Some((id, newest)) = hot.choose(&mut self.rng) else { return };
        let heard = self.caller.update(url, id, newest.load(Ordering::Relaxed)).await;
        if let Heard::Version(version) = heard {
            newest.fetch_max(version, Ordering::Relaxed);
        }
    }

    async fn create(&mut self, url: &str) {
        self.created += 1;
        let id = format!("{}-{}", self.name, self.created);
        if let Verdict::Acknowledged { version, .. } = self.caller.create(url, &id).await {
            self.cold.push(Cold { id, version });
        }
    }

    async fn change_cold(&mut self, url: &str) {
        let Some(mut cold) = self.take_cold() else { return };
        match self.caller.update(url, &cold.id, cold.version).await {
            Heard::Version(version) => {
                cold.version = version;
                self.cold.push(cold);
            }
            Heard::Nothing => self.cold.push(cold),
            Heard::Gone => {}
        }
    }

    async fn delete_cold(&mut self, url: &str) {
        let Some(mut cold) = self.take_cold() else { return };
        match self.caller.delete(url, &cold.id, cold.version).await {
            // Another version is there: an earlier update was done although its answer was lost.
            Heard::Version(version) => {
                cold.version = version;
                self.cold.push(cold);
            }
            Heard::Nothing => self.cold.push(cold),
            Heard::Gone => {}
        }
    }

    fn take_cold(&mut self) -> Option<Cold> {
        (!self.cold.is_empty()).then(|| self.cold.swap_remove(self.rng.random_range(0..self.cold.len())))
    }
}

/// What a writer learns of the customer that it wanted to change.
enum Heard {
    Version(u64),
    Gone,
    Nothing,
}

/// Sends requests, and lets the oracle hear the replies.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) http: reqwest::Client,
    pub(crate) oracle: Arc<Oracle>,
}

impl Caller {
    pub(crate) async fn create(&self, url: &str, id: &str) -> Verdict {
        let mark = self.oracle.new_mark();
        let request = self.http.post(format!("{url}/accounts/customers")).json(&customers::creation(id, &mark));
        let reply = self.send(request).await;
        self.oracle.heard(Wish::Create, id, Some(&mark), &reply)
    }

    async fn update(&self, url: &str, id: &str, version: u64) -> Heard {
        let mark = self.oracle.new_mark();
        let request = self.http.put(format!("{url}/accounts/customers/{id}")).json(&customers::body(id, &mark, None));
        let reply = self.send(request.header(IF_MATCH, format!("\"{version}\""))).await;
        self.oracle.heard(Wish::Update, id, Some(&mark), &reply);
        learned(&reply)
    }

    async fn delete(&self, url: &str, id: &str, version: u64) -> Heard {
        let request = self.http.delete(format!("{url}/accounts/customers/{id}"));
        let reply = self.send(request.header(IF_MATCH, format!("\"{version}\""))).await;
        self.oracle.heard(Wish::Delete, id, None, &reply);
        learned(&reply)
    }

    /// Where nobody listens it does not help to ask at once again.
    async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        let reply = client::send(request).await;
        if let Reply::NotSent = reply {
            tokio::time::sleep(NOBODY_THERE).await;
        }
        reply
    }
}

fn learned(reply: &Reply) -> Heard {
    match reply {
        Reply::Answer(answer) => match answer.status {
            204 | 404 | 410 => Heard::Gone,
            // Done, or refused because it is stale: both tell what is there now.
            _ => answer.version().map_or(Heard::Nothing, Heard::Version),
        },
        Reply::NotSent | Reply::Lost | Reply::Hangs => Heard::Nothing,
    }
}
