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
       | tr -d '\r' | awk 'tolower($1)=="consistency-token:"{{print $2}}')
  curl -s {orders}/orders/customers/12345 -H "Consistency-Token: $TOKEN" -H 'Prefer: wait=5'
"#
    )
}
