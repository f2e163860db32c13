//! Both ports, bound and not yet served.

use std::io;
use std::net::{SocketAddr, TcpListener};

use serde::Serialize;

use super::super::settings::HttpSettings;

/// The two sockets of a service.
#[derive(Debug)]
pub struct Listeners {
    /// The public port.
    pub public: TcpListener,
    /// The operations port.
    pub operations: TcpListener,
}

/// Where a service can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Addresses {
    /// The public port.
    pub public: SocketAddr,
    /// The operations port.
    pub operations: SocketAddr,
}

/// A port that cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {host}:{port}; free it, or set {setting} to another port")]
pub struct BindError {
    host: String,
    port: u16,
    setting: &'static str,
    #[source]
    source: io::Error,
}

impl Listeners {
    /// Binds both.
    ///
    /// # Errors
    /// One of them is taken or not allowed, with the setting that changes it.
    pub fn bind(settings: &HttpSettings) -> Result<Self, BindError> {
        let bind = |port, setting| {
            let host = settings.host.clone();
            TcpListener::bind((host.as_str(), port)).map_err(|source| BindError { host, port, setting, source })
        };
        let public = bind(settings.port, "http.port")?;
        let operations = bind(settings.operations_port, "http.operations_port")?;
        Ok(Self { public, operations })
    }

    /// The real addresses, also when a port was 0.
    ///
    /// # Errors
    /// The operating system does not tell.
    pub fn addresses(&self) -> io::Result<Addresses> {
        Ok(Addresses { public: self.public.local_addr()?, operations: self.operations.local_addr()? })
    }
}

impl Addresses {
    /// The first line that a service prints: `{"listening":{"public":"…","operations":"…"}}`.
    pub fn announcement(&self) -> String {
        serde_json::json!({ "listening": self }).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(port: u16) -> HttpSettings {
        HttpSettings { port, operations_port: 0, ..HttpSettings::default() }
    }

    #[test]
    fn free_ports_are_announced_and_taken_ones_told_with_the_setting() {
        let first = Listeners::bind(&on(0)).unwrap();
        let addresses = first.addresses().unwrap();
        let line: serde_json::Value = serde_json::from_str(&addresses.announcement()).unwrap();
        assert_eq!(line["listening"]["public"], addresses.public.to_string());

        let port = addresses.public.port();
        let taken = Listeners::bind(&on(port)).unwrap_err();
        let sentence = format!("cannot listen on 127.0.0.1:{port}; free it, or set http.port to another port");
        assert_eq!(taken.to_string(), sentence);
    }
}
