//! Sales per item and day, added up from `orders.order.change`: the read side. Nothing here looks at the orders themselves,
//! and nothing is computed from them when somebody asks.
//!
//! * [`projection`] says what one order counts for, purely;
//! * [`calendar`] has the days and months that it counts in;
//! * [`view`] is what has been added up, and the two reports that are derived from it;
//! * [`http`] shows them: as JSON, as CSV, and as a picture.
//!
//! The machinery that reads the topic and counts each order once, whatever is repeated, is `service_kit::projection`.

pub mod calendar;

pub mod projection;

pub mod view;

pub mod http;

mod item_id;
