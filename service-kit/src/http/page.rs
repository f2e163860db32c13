//! Pages of a list: `{"items": […], "next": "<cursor>"}` and `Link: <…>; rel="next"` (RFC 8288). The list is filtered
//! before it is cut, its order is stable, and a page is told by its last item, not by a count of items before it: what
//! is added or deleted meanwhile neither repeats nor hides another item.

use actix_web::http::header;
use actix_web::{HttpResponse, HttpResponseBuilder};
use serde::Serialize;
use utoipa::ToSchema;

use super::cursor::{self, Scope};
use super::query::write_pairs;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items, in the list's order.
    #[schema(max_items = 200)]
    pub items: Vec<T>,
    /// The cursor of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

/// What a request asked of a list: how many items, and after which position. Comes from
/// [`Query::page`](super::query::Query::page).
#[derive(Debug)]
pub struct Paging<P> {
    /// So many items at most, 1 to 200.
    pub limit: usize,
    /// The position of the last item before this page; `None` for the first page.
    pub after: Option<P>,
    scope: Scope,
    path: String,
    kept: Vec<(String, String)>,
}

impl<P: Serialize> Paging<P> {
    pub(super) fn new(limit: usize, after: Option<P>, scope: Scope, path: String, kept: Vec<(String, String)>) -> Self {
        Self { limit, after, scope, path, kept }
    }

    /// So many rows the query should ask for: one more than the page, which tells whether there is a next one.
    pub fn fetch(&self) -> usize {
        self.limit + 1
    }

    /// The page of the [`fetch`](Self::fetch)ed rows; `position` is where an item stands in the list's order.
    pub fn cut<T>(&self, mut rows: Vec<T>, position: impl FnOnce(&T) -> P) -> Page<T> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let last = rows.last().filter(|_| more);
        let next = last.and_then(|last| cursor::encode(&self.scope, &position(last)));
        Page { items: rows, next }
    }

    /// The `Link` to the next page: the same request, a relative reference, with another cursor.
    pub fn link<T>(&self, page: &Page<T>) -> Option<String> {
        let next = page.next.clone()?;
        let mut pairs = self.kept.clone();
        pairs.push(("cursor".to_owned(), next));
        Some(format!("<{}?{}>; rel=\"next\"", self.path, write_pairs(&pairs)))
    }

    /// 200 with the page's `Link`, without a body yet.
    pub fn begin<T>(&self, page: &Page<T>) -> HttpResponseBuilder {
        let mut response = HttpResponse::Ok();
        if let Some(link) = self.link(page) {
            response.insert_header((header::LINK, link));
        }
        response
    }

    /// 200 with the page and its `Link`.
    pub fn respond<T: Serialize>(&self, page: &Page<T>) -> HttpResponse {
        self.begin(page).json(page)
    }
}

impl<T> Page<T> {
    /// The same page of something made from each item, or the first error on the way.
    ///
    /// # Errors
    /// Those of `convert`.
    pub fn try_map<U, E>(self, convert: impl FnMut(T) -> Result<U, E>) -> Result<Page<U>, E> {
        let items: Result<_, E> = self.items.into_iter().map(convert).collect();
        Ok(Page { items: items?, next: self.next })
    }

    /// The same page of something made from each item.
    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(convert).collect(), next: self.next }
    }
}

#[cfg(test)]
mod tests {
    use super::super::query::Query;
    use super::*;

    fn paging(query: &str) -> Paging<u32> {
        let mut reader = Query::new("/things", query);
        reader.optional("colour", |text| Ok::<_, &str>(text.to_owned()));
        reader.page().unwrap()
    }

    /// What a store would answer: numbers above the position.
    fn rows(paging: &Paging<u32>) -> Vec<u32> {
        (1..=5).filter(|row| paging.after.is_none_or(|after| *row > after)).take(paging.fetch()).collect()
    }

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let first = paging("limit=2&colour=dark+blue");
        let page = first.cut(rows(&first), |row| *row);
        assert_eq!(page.items, [1, 2]);
        let link = first.link(&page).unwrap();
        let target = link.strip_prefix("</things?").unwrap().strip_suffix(">; rel=\"next\"").unwrap();
        assert!(target.starts_with("limit=2&colour=dark%20blue&cursor="), "{target}");

        let second = paging(target);
        let page = second.cut(rows(&second), |row| *row);
        assert_eq!(page.items, [3, 4]);
        let third = paging(&format!("colour=dark%20blue&cursor={}", page.next.unwrap()));
        let page = third.cut(rows(&third), |row| *row);
        assert_eq!((page.items, page.next), (vec![5], None));
    }

    #[test]
    fn a_page_that_ends_the_list_exactly_has_no_next() {
        let all = paging("limit=5");
        let page = all.cut(rows(&all), |row| *row);
        assert_eq!((page.items.len(), page.next), (5, None));
    }
}
