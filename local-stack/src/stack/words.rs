//! What the stack tells its user on standard output once it is ready.

use std::io::Write;
use std::time::Duration;

use super::data_folder::DataFolder;
use super::servers::StackServers;
use super::services::StackServices;
use crate::servers::given::without_credentials;

/// The links, and three things to try.
pub(super) fn ready(took: Duration, servers: &StackServers, services: &StackServices, data: &DataFolder) {
    let (accounts, orders) = (services.accounts(), services.orders());
    let text = format!(
        "
Ready after {:.1} s.

  accounts  {}/swagger-ui/   operations {}
  orders    {}/swagger-ui/   operations {}
  MongoDB   {}
  Kafka     {}
  data      {}
  logs      {}
{}
Ctrl-C stops everything.
",
        took.as_secs_f64(),
        accounts.base_url(),
        accounts.operations_url(),
        orders.base_url(),
        orders.operations_url(),
        without_secrets(servers),
        servers.addresses().kafka_brokers,
        data.path().display(),
        data.path().join("logs").display(),
        things_to_try(&accounts.base_url(), &orders.base_url()),
    );
    print(&text);
}

/// Where the servers are.
pub(super) fn servers(servers: &StackServers, data: &DataFolder) {
    let text = format!(
        "
  MONGODB_URI='{}'
  KAFKA_BROKERS='{}'
  data and logs in {}

Ctrl-C stops them.
",
        without_secrets(servers),
        servers.addresses().kafka_brokers,
        data.path().display(),
    );
    print(&text);
}

/// Not `println!`, which panics when nobody reads: the stack goes on without its listener.
fn print(text: &str) {
    let mut output = std::io::stdout();
    let _nobody_reads = output.write_all(text.as_bytes()).and_then(|()| output.flush());
}

/// Servers that were started here have no secrets, and need the options that a given address is shown without.
fn without_secrets(servers: &StackServers) -> String {
    let uri = &servers.addresses().mongodb_uri;
    if servers.started_mongodb() { uri.clone() } else { without_credentials(uri) }
}

fn things_to_try(accounts: &str, orders: &str) -> String {
    format!(
        r#"
Three things to try:

  # 1. See what was sold, counted from the order events and never from the orders; open the page, it updates by itself.
  #    {orders}/orders/reports/
  curl -s '{orders}/orders/reports/item-sales?limit=3'

  # 2. Place an order: it goes to where the customer lives. Read it.
  curl -s {orders}/orders -H 'Content-Type: application/json' \
       -d '{{"id":"first","customerId":"12345","items":[{{"itemId":"ceramic-mug","quantity":2}}]}}'
  curl -s {orders}/orders/first

  # 3. Move the customer in accounts, and read the order again: it goes to the new address, although the two services
  #    never call each other. The token of the change makes orders answer when it is there.
  TOKEN=$(curl -s -D - -o /dev/null -X PATCH {accounts}/accounts/customers/12345 -H 'If-Match: *' \
       -H 'Content-Type: application/merge-patch+json' \
       -d '{{"addresses":[{{"type":"SHIPPING","address1":"1 New Street","city":"Oslo","state":"Oslo","country":"NO"}}]}}' \
       | tr -d '\r' | awk 'tolower($1)=="consistency-token:"{{print $2}}')
  curl -s {orders}/orders/first -H "Consistency-Token: $TOKEN" -H 'Prefer: wait=5'
"#
    )
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn what_there_is_to_try_ends_with_an_address_change_that_reaches_an_order() {
        let text = things_to_try("http://accounts", "http://orders");
        let words = text.split_whitespace().map(|word| word.trim_matches('\''));
        let calls: Vec<&str> = words.filter(|word| word.starts_with("http://") && !word.ends_with('/')).collect();
        assert_eq!(
            calls,
            [
                "http://orders/orders/reports/item-sales?limit=3",
                "http://orders/orders",
                "http://orders/orders/first",
                "http://accounts/accounts/customers/12345",
                "http://orders/orders/first",
            ]
        );
    }

    #[test]
    fn every_body_in_it_is_json() {
        let text = things_to_try("http://accounts", "http://orders");
        let bodies: Vec<&str> = text.split('\'').filter(|part| part.starts_with('{')).collect();
        assert_eq!(bodies.len(), 2);
        for body in bodies {
            assert!(serde_json::from_str::<Value>(body).is_ok(), "{body}");
        }
    }
}
