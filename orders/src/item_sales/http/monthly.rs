//! `GET /orders/reports/item-sales/{itemId}/monthly`.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use service_kit::http::call::Call;
use service_kit::http::openapi::{ConsistencyParameters, ListProblems};
use service_kit::http::problem::Problem;

use super::answer::{Form, MonthlySale};
use super::csv;
use super::reports::Reports;
use crate::item_sales::item_id::ItemId;

/// Report monthly sales of an item
///
/// The months in which it was ordered, newest first; of an item that nobody ordered there are none. As CSV with
/// `Accept: text/csv`.
#[utoipa::path(
    tag = "reports",
    params(
        ("itemId" = String, Path, description = "The item's id.", pattern = r"^([A-Za-z0-9_-]|\.[A-Za-z0-9_-]|\.\.[A-Za-z0-9._-])[A-Za-z0-9._-]*$",
            min_length = 1, max_length = 64, example = "z3333"),
        ConsistencyParameters,
    ),
    responses(
        (status = 200, description = "The months.",
            content(
                (Vec<MonthlySale> = "application/json"),
                (String = "text/csv", example = json!("month,label,ordered\r\n2026-11,November 2026,6\r\n")),
            ),
            headers(
                ("As-Of" = String, description = "Every change of an order up to this instant is counted (RFC 3339). Absent \
                    while the event store has not answered since the service started."),
                ("Content-Disposition" = String, description = "The name of the file; of CSV only."),
                ("Vary" = String, description = "`Accept`: JSON and CSV are at the same address."),
            ),
        ),
        ListProblems,
    ),
)]
#[get("/orders/reports/item-sales/{itemId}/monthly")]
pub(super) async fn report_monthly_sales(call: Call, reports: Data<Reports>) -> Result<HttpResponse, Problem> {
    let item: ItemId = call.parameter("itemId", str::parse)?;
    call.without_query()?;
    let reading = reports.reach(&call).await?;
    let months = reports.sales.months(item.as_str()).await?;
    let mut response = HttpResponse::Ok();
    reading.mark(&mut response);
    match Form::of(&call) {
        Form::Json => Ok(response.json(months.into_iter().map(MonthlySale::from).collect::<Vec<_>>())),
        Form::Csv => {
            csv::describe(&mut response, &format!("item-sales-{}-monthly", item.as_str()));
            Ok(response.body(csv::text(&months)))
        }
    }
}
