//! What the stack tells its user on standard output once it is ready.

use std::time::Duration;

use super::data_folder::DataFolder;
use super::servers::StackServers;
use super::services::StackServices;
use crate::servers::given::without_credentials;

/// The links, and three things to try.
pub(super) fn ready(took: Duration, servers: &StackServers, services: &StackServices, data: &DataFolder) {
    let (accounts, orders) = (services.accounts().base_url(), services.orders().base_url());
    println!("\nReady after {:.1} s.\n", took.as_secs_f64());
    println!("  accounts  {accounts}/swagger-ui/   operations {}", services.accounts().operations_url());
    println!("  orders    {orders}/swagger-ui/   operations {}", services.orders().operations_url());
    addresses(servers);
    println!("  data      {}", data.path().display());
    println!("  logs      {}", data.path().join("logs").display());
    println!("{}", things_to_try(&accounts, &orders));
    println!("Ctrl-C stops everything.");
}

/// Where the servers are.
pub(super) fn servers(servers: &StackServers, data: &DataFolder) {
    println!("\n  MONGODB_URI='{}'", without_secrets(servers));
    println!("  KAFKA_BROKERS='{}'", servers.addresses().kafka_brokers);
    println!("  data and logs in {}\n", data.path().display());
    println!("Ctrl-C stops them.");
}

fn addresses(servers: &StackServers) {
    println!("  MongoDB   {}", without_secrets(servers));
    println!("  Kafka     {}", servers.addresses().kafka_brokers);
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

  # 1. A customer of accounts, as orders knows it: the same addresses, no cards.
  curl -s {accounts}/accounts/customers/12345
  curl -s {orders}/orders/customers/12345

  # 2. Move the customer in accounts, and see it in orders.
  curl -s -X PATCH {accounts}/accounts/customers/12345 -H 'If-Match: *' -H 'Content-Type: application/merge-patch+json' \
       -d '{{"addresses":[{{"type":"SHIPPING","address1":"1 New Street","city":"Oslo","state":"Oslo","country":"NO"}}]}}'
  curl -s {orders}/orders/customers/12345

  # 3. Read your own write across services: take accounts' token along, and orders answers when it is there.
  TOKEN=$(curl -s -D - -o /dev/null -X PATCH {accounts}/accounts/customers/12345 -H 'If-Match: *' \
       -H 'Content-Type: application/merge-patch+json' -d '{{"name":{{"firstName":"Johanna"}}}}' \
       | tr -d '\r' | sed -n 's/^consistency-token: //Ip')
  curl -s {orders}/orders/customers/12345 -H "Consistency-Token: $TOKEN" -H 'Prefer: wait=5'
"#
    )
}
