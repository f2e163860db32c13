//! `GET /orders/reports/item-sales`.

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use service_kit::http::call::Call;
use service_kit::http::openapi::{ConsistencyParameters, ListProblems, PageParameters};
use service_kit::http::page::Paging;
use service_kit::http::problem::Problem;
use service_kit::http::query::Query;

use super::answer::{Form, ItemSale, ItemSalesPage};
use super::csv;
use super::reports::{Reading, Reports};
use crate::item_sales::calendar::Day;
use crate::item_sales::view::{Position, Sort, Wanted};

const FILE: &str = "item-sales";

#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "described to the document and read elsewhere, by `wanted`")]
struct ItemSalesParameters {
    /// The first day that counts, in UTC: the day on which an order was placed.
    #[param(nullable = false)]
    from: Option<Day>,
    /// The last day that counts, itself included; not before `from`.
    #[param(nullable = false)]
    to: Option<Day>,
    /// `total`: what was ordered most comes first, and of equals the one whose id comes first. `item`: by id.
    #[param(nullable = false, inline)]
    sort: Option<SortParameter>,
}

#[derive(Debug, utoipa::ToSchema)]
#[schema(rename_all = "camelCase", default = "total")]
#[expect(dead_code, reason = "described to the document and read elsewhere, by `sort`")]
enum SortParameter {
    Total,
    Item,
}

/// Report sales by item
///
/// What was ordered of each item, added up from the orders' events; a cancelled order counts for nothing. As JSON a page
/// at a time; as CSV (`Accept: text/csv`) all of it, unless `limit` or `cursor` asks for a page.
#[utoipa::path(
    tag = "reports",
    params(ItemSalesParameters, PageParameters, ConsistencyParameters),
    responses(
        (status = 200, description = "The items that were ordered in those days; none is an empty page.",
            content(
                (ItemSalesPage = "application/json"),
                (String = "text/csv",
                    example = json!("itemId,totalOrdered,orders,lastOrderDate\r\nz3333,6,1,2026-11-27\r\n")),
            ),
            headers(
                ("As-Of" = String, description = "Every change of an order up to this instant is counted (RFC 3339). Absent \
                    while the event store has not answered since the service started."),
                ("Link" = String, description = "The next page, as `rel=\"next\"`; absent on the last one."),
                ("Content-Disposition" = String, description = "The name of the file; of CSV only."),
                ("Vary" = String, description = "`Accept`: JSON and CSV are at the same address."),
            ),
        ),
        ListProblems,
    ),
)]
#[get("/orders/reports/item-sales")]
pub(super) async fn report_item_sales(call: Call, reports: Data<Reports>) -> Result<HttpResponse, Problem> {
    let mut query = call.query();
    let wanted = wanted(&mut query);
    let in_pages = query.has("limit") || query.has("cursor");
    let paging: Paging<Position> = query.page()?;
    let reading = reports.reach(&call).await?;
    match Form::of(&call) {
        Form::Csv if !in_pages => whole(&reports, &wanted, &reading).await,
        form @ (Form::Json | Form::Csv) => page(&reports, &wanted, &paging, &reading, form).await,
    }
}

async fn page(
    reports: &Reports,
    wanted: &Wanted,
    paging: &Paging<Position>,
    reading: &Reading,
    form: Form,
) -> Result<HttpResponse, Problem> {
    let found = reports.sales.page(wanted, paging.after.as_ref(), paging.fetch()).await?;
    let page = paging.cut(found, Position::of);
    let mut response = paging.begin(&page);
    reading.mark(&mut response);
    match form {
        Form::Json => Ok(response.json(ItemSalesPage { page: page.map(ItemSale::from), as_of: reading.as_of })),
        Form::Csv => {
            csv::describe(&mut response, FILE);
            Ok(response.body(csv::text(&page.items)))
        }
    }
}

async fn whole(reports: &Reports, wanted: &Wanted, reading: &Reading) -> Result<HttpResponse, Problem> {
    let found = reports.sales.items(wanted).await?;
    let mut response = HttpResponse::Ok();
    reading.mark(&mut response);
    csv::describe(&mut response, FILE);
    Ok(response.streaming(csv::body(found)))
}

fn wanted(query: &mut Query) -> Wanted {
    let from = query.optional("from", str::parse::<Day>);
    let to = query.optional("to", |text| match text.parse::<Day>() {
        Ok(to) if from.is_some_and(|from| to < from) => Err("must not be before from".to_owned()),
        Ok(to) => Ok(to),
        Err(error) => Err(error.to_string()),
    });
    let sort = query.optional("sort", sort).unwrap_or_default();
    Wanted { from, to, sort }
}

fn sort(text: &str) -> Result<Sort, &'static str> {
    match text {
        "total" => Ok(Sort::Total),
        "item" => Ok(Sort::Item),
        _ => Err("must be total or item"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Wanted, String> {
        let mut query = Query::new("/orders/reports/item-sales", text);
        let wanted = wanted(&mut query);
        query.finish().map(|()| wanted).map_err(|problem| problem.to_string().replace("Malformed request: ", ""))
    }

    #[test]
    fn days_are_inclusive_and_in_order() {
        let day = |text: &str| Some(text.parse().unwrap());
        let one_day = Wanted { from: day("2026-11-27"), to: day("2026-11-27"), sort: Sort::Item };
        assert_eq!(read("from=2026-11-27&to=2026-11-27&sort=item"), Ok(one_day));
        assert_eq!(read(""), Ok(Wanted::default()));
    }

    #[test]
    fn what_is_wrong_is_told_by_name() {
        for (query, told) in [
            ("from=2026-02-30", "query parameter from must be a day that exists, such as 2026-11-27"),
            ("from=2026-11-28&to=2026-11-27", "query parameter to must not be before from"),
            ("to=2026-11-27T00:00:00Z", "query parameter to must be a day that exists, such as 2026-11-27"),
            ("sort=Total", "query parameter sort must be total or item"),
            ("sort=item&sort=item", "query parameter sort must be given once"),
            ("day=2026-11-27", "query parameter day is unknown"),
        ] {
            assert_eq!(read(query), Err(told.to_owned()), "{query}");
        }
    }
}
