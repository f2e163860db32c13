//! The write path against a real MongoDB and a real Kafka: what each rule promises, seen from outside.

mod faults;
mod harness;
mod ordinary;
mod sweeping;
