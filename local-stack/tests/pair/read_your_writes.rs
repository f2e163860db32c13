//! G7: whoever carries the token of a write to the other service never sees an older state, whichever instances it meets.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use reqwest::header::IF_MATCH;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::client::{self, Answer, Instances, accepted, answer};
use crate::support::customers;
use crate::support::extent::{extent, seed};
use crate::support::world::World;

const CLIENTS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_read_with_a_token_shows_the_write_on_any_instance() {
    let (seed, trials) = (seed("read your writes"), extent(160, 1_000));
    let world = World::new().await;
    let (a1, a2, o1, o2) = tokio::join!(world.accounts(), world.accounts(), world.orders(), world.orders());
    let services = Services {
        http: client::http(),
        accounts: Instances::of([a1.url(), a2.url()]),
        orders: Instances::of([o1.url(), o2.url()]),
    };

    let services = Arc::new(services);
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let client = Client {
            services: Arc::clone(&services),
            rng: StdRng::seed_from_u64(seed.wrapping_add(number as u64)),
            name: format!("c{number}"),
            living: Vec::new(),
        };
        clients.spawn(client.try_out(trials / CLIENTS));
    }
    let mut waits: Vec<Duration> = clients.join_all().await.into_iter().flatten().collect();
    waits.sort();
    let at = |share: usize| waits[(waits.len() - 1) * share / 100];
    println!("{} trials with tokens: first read p50 {:?}, p99 {:?}, max {:?}", waits.len(), at(50), at(99), at(100));
    for instance in [a1, a2, o1, o2] {
        instance.stop().await;
    }
    world.end().await;
}

struct Services {
    http: reqwest::Client,
    accounts: Instances,
    orders: Instances,
}

/// One client with customers of its own.
struct Client {
    services: Arc<Services>,
    rng: StdRng,
    name: String,
    /// Ids with their `ETag`s.
    living: Vec<(String, String)>,
}

impl Client {
    /// Creates, changes and deletes by chance; tells how long each first read took.
    async fn try_out(mut self, trials: usize) -> Vec<Duration> {
        let mut waits = Vec::new();
        for trial in 0..trials {
            let chance = self.rng.random_range(0..10);
            let (id, written, expected) = match (chance, self.living.is_empty()) {
                (0..=2, _) | (_, true) => self.create(trial).await,
                (3..=8, false) => self.change_address(trial).await,
                (_, false) => self.delete().await,
            };
            let begin = Instant::now();
            let read = self.first_read(&id, written.token().expect("a write answers with a token")).await;
            waits.push(begin.elapsed());
            match expected {
                Some(address) => {
                    assert_eq!(read.status, 200, "{id} after {written}: {read}");
                    assert_eq!(customers::mark(&read.json()), Some(address.as_str()), "{id} after {written}: {read}");
                }
                None => assert_eq!(read.status, 410, "{id} was deleted: {read}"),
            }
        }
        waits
    }

    async fn create(&mut self, trial: usize) -> (String, Answer, Option<String>) {
        let (id, address) = (format!("{}-{trial}", self.name), format!("{trial} First Street"));
        let url = self.services.accounts.any(&mut self.rng).unwrap();
        let request = self.services.http.post(format!("{url}/accounts/customers"));
        let written = accepted(request.json(&customers::creation(&id, &address))).await;
        assert_eq!(written.status, 201, "{written}");
        self.living.push((id.clone(), written.etag().unwrap().to_owned()));
        (id, written, Some(address))
    }

    async fn change_address(&mut self, trial: usize) -> (String, Answer, Option<String>) {
        let (id, etag) = self.take_one();
        let address = format!("{trial} New Street");
        let url = self.services.accounts.any(&mut self.rng).unwrap();
        let request = self.services.http.patch(format!("{url}/accounts/customers/{id}")).header(IF_MATCH, etag);
        let patch = json!({ "addresses": [customers::address("SHIPPING", &address)] });
        let written = accepted(request.json(&patch)).await;
        assert_eq!(written.status, 200, "{written}");
        self.living.push((id.clone(), written.etag().unwrap().to_owned()));
        (id, written, Some(address))
    }

    async fn delete(&mut self) -> (String, Answer, Option<String>) {
        let (id, etag) = self.take_one();
        let url = self.services.accounts.any(&mut self.rng).unwrap();
        let request = self.services.http.delete(format!("{url}/accounts/customers/{id}"));
        let written = accepted(request.header(IF_MATCH, etag)).await;
        assert_eq!(written.status, 204, "{written}");
        (id, written, None)
    }

    async fn first_read(&mut self, id: &str, token: &str) -> Answer {
        let url = self.services.orders.any(&mut self.rng).unwrap();
        let request = self.services.http.get(format!("{url}/orders/customers/{id}"));
        answer(request.header("Consistency-Token", token).header("Prefer", "wait=5")).await
    }

    fn take_one(&mut self) -> (String, String) {
        let one = self.living.choose(&mut self.rng).unwrap().0.clone();
        let place = self.living.iter().position(|(id, _)| *id == one).unwrap();
        self.living.swap_remove(place)
    }
}
