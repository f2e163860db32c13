//! The topics of the contract and the settings they must have: they are the history, so nothing may expire (D4).

/// A topic as its owner creates it and every reader expects it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicSpec {
    /// The name, before any prefix that an installation puts in front.
    pub name: &'static str,
    /// The service that owns it: the only one that creates it and writes to it.
    pub owner: &'static str,
    /// Partitions when the owner creates it and its settings say nothing else. Never changed later: a key would move.
    pub partitions: i32,
}

/// Topic settings that a history needs, as Kafka names them. `kafka.topics=create` sets them; every start checks them.
pub const HISTORY_SETTINGS: [(&str, &str); 4] = [
    // Compaction keeps the highest offset of a key, which after a repeat is not the newest version.
    ("cleanup.policy", "delete"),
    ("retention.ms", "-1"),
    ("retention.bytes", "-1"),
    ("unclean.leader.election.enable", "false"),
];

/// Every state of every customer.
pub const CUSTOMER_CHANGE: TopicSpec =
    TopicSpec { name: "accounts.customer.change", owner: "accounts", partitions: 12 };

/// Every state of every order.
pub const ORDER_CHANGE: TopicSpec = TopicSpec { name: "orders.order.change", owner: "orders", partitions: 12 };
