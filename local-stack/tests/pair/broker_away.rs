//! A broker that does not answer is never a reason to lose or to park anything (D3, D8), also when a process dies
//! meanwhile.

use std::sync::Arc;

use local_stack::OwnServers;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::killed_accounts::acknowledge_more;
use crate::load::{Caller, Load, hot_customers};
use crate::oracle::{Oracle, Verdict, heal_and_judge};
use crate::support::client::{self, Instances};
use crate::support::eventually::eventually;
use crate::support::extent::seed;
use crate::support::instance::Instance;
use crate::support::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_parked_while_the_broker_hangs_and_accounts_is_killed() {
    let seed = seed("the broker hangs");
    let servers = OwnServers::start().await.unwrap();
    let (world, oracle) = (World::on(servers.servers().clone()).await, Arc::new(Oracle::default()));
    // So short that a test can wait for it.
    let settings = [("write_path.max_unpublished_age_ms", "2000")];
    let (mut accounts, orders) = tokio::join!(world.accounts_with(&settings), world.orders());
    let hot = hot_customers(4, accounts.url(), &oracle).await;
    let instances = Instances::of([accounts.url()]);
    let load = Load::start(16, seed, &instances, &oracle, &hot);
    acknowledge_more(&oracle, 200).await;

    let broker = Broker::of(&servers);
    broker.signal(Signal::SIGSTOP);
    acknowledge_more(&oracle, 100).await;
    let caller = Caller { http: client::http(), oracle: Arc::clone(&oracle) };
    writes_are_refused(&caller, &accounts, "because too old a change is not published").await;
    accounts.kill9().await;
    instances.set([]);
    // Ready without the broker, but not to be written to: nobody has compared the database with the log yet.
    accounts = world.accounts_with(&settings).await;
    instances.set([accounts.url()]);
    writes_are_refused(&caller, &accounts, "because the log cannot be asked").await;
    broker.signal(Signal::SIGCONT);
    acknowledge_more(&oracle, 200).await;
    load.end().await;

    let figures = heal_and_judge(&world, &oracle).await;
    println!("the broker hangs: {figures}");
    accounts.stop().await;
    orders.stop().await;
    servers.stop().await;
}

async fn writes_are_refused(caller: &Caller, accounts: &Instance, why: &str) {
    eventually(&format!("writes are refused {why}"), || async {
        let verdict = caller.create(accounts.url(), &format!("late-{}", rand::random::<u32>())).await;
        if verdict == (Verdict::Refused { status: 503 }) { Ok(()) } else { Err(format!("{verdict:?}")) }
    })
    .await;
}

/// The broker itself, not its guard: that one has to work when this test fails.
struct Broker(Pid);

impl Broker {
    fn of(servers: &OwnServers) -> Self {
        let guard = servers.kafka().group();
        let children = std::fs::read_to_string(format!("/proc/{guard}/task/{guard}/children")).unwrap();
        Self(Pid::from_raw(children.split_whitespace().next().expect("the guard has a child").parse().unwrap()))
    }

    fn signal(&self, signal: Signal) {
        kill(self.0, signal).unwrap();
    }
}
