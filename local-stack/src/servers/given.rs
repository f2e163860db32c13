//! Servers that the user named in the environment. They are used as they are: never started, stopped or emptied here.

/// `MONGODB_URI`, if it is set.
pub(crate) fn mongodb_uri() -> Option<String> {
    variable("MONGODB_URI")
}

/// `KAFKA_BROKERS`, if it is set.
pub(crate) fn kafka_brokers() -> Option<String> {
    variable("KAFKA_BROKERS")
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name)
        .ok()
        .filter(|value| !value.trim().is_empty())
}
