//! Every island that a page names must be an export of the module that the page loads.

use assay_tests::World;
use scraper::{Html, Selector};

#[test]
fn every_island_of_every_page_is_exported_by_the_built_module() {
    let mut world = World::unborn();
    let folder = world.path("demo");
    world.demo(&folder);
    let mut islands = 0;
    for path in [
        "/en/",
        "/en/boards/bay-knowledge",
        "/en/boards/bay-reasoning",
        "/en/method",
    ] {
        let page = Html::parse_document(&text(&world, path));
        let named: Vec<String> = select(&page, "leptos-island")
            .map(|island| attribute(&island, "data-component"))
            .collect();
        let scripts: Vec<_> = select(&page, "script").collect();
        assert_eq!(scripts.len(), usize::from(!named.is_empty()), "{path}");
        for script in scripts {
            let glue = text(&world, &attribute(&script, "data-glue"));
            for island in &named {
                let exported = glue.contains(&format!("export function {island}("));
                assert!(exported, "{path}: the module exports no {island}");
                islands += 1;
            }
        }
    }
    assert!(islands >= 2, "the boards have an island each");
}

fn text(world: &World, path: &str) -> String {
    let url = format!("{}{path}", world.address());
    let mut answer = ureq::get(&url)
        .call()
        .unwrap_or_else(|error| panic!("{url}: {error}"));
    answer.body_mut().read_to_string().expect("text")
}

fn select<'a>(page: &'a Html, selector: &str) -> impl Iterator<Item = scraper::ElementRef<'a>> {
    let selector = Selector::parse(selector).expect("a selector");
    page.select(&selector).collect::<Vec<_>>().into_iter()
}

fn attribute(element: &scraper::ElementRef<'_>, name: &str) -> String {
    let value = element.value().attr(name);
    value.unwrap_or_else(|| panic!("no {name}")).to_owned()
}
