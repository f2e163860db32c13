//! The reports over HTTP: sales by item, sales of one item by month, both as JSON and as CSV, and a page that draws them.
//! Nothing here writes.

mod answer;
mod csv;
mod reports;

mod items;
mod monthly;

use service_kit::http::site::{Site, SiteFile};
use utoipa_actix_web::service_config::ServiceConfig;

pub use reports::Reports;

/// Every report. The server's `app_data` must have [`Reports`] as actix's `Data`.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(items::report_item_sales).service(monthly::report_monthly_sales);
}

/// The page at `/orders/reports/`.
pub const PAGE: Site = Site {
    at: "/orders/reports",
    files: &[
        SiteFile { name: "", content_type: HTML, content: include_str!("http/page/reports.html") },
        SiteFile { name: "reports.css", content_type: CSS, content: include_str!("http/page/reports.css") },
        SiteFile { name: "reports.js", content_type: SCRIPT, content: include_str!("http/page/reports.js") },
        SiteFile { name: "api.js", content_type: SCRIPT, content: include_str!("http/page/api.js") },
        SiteFile { name: "charts.js", content_type: SCRIPT, content: include_str!("http/page/charts.js") },
    ],
};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
