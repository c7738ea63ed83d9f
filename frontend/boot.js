// Starts the islands of a page once the browser is idle. The page is complete without it.
// The script element names the generated JavaScript and the module; no island is fetched one by one.
const { glue, wasm } = document.querySelector("script[data-glue]").dataset;
const whenIdle = window.requestIdleCallback ?? ((start) => setTimeout(start, 0));

// Children of an island run under that island's owner: what is nested deeper is restored on the way.
function hydrate(node, module, owners) {
  if (node.localName === "leptos-island") {
    owners.at(-1)?.();
    const island = module[node.dataset.component];
    if (island) island(node);
    else console.warn(`no island is called ${node.dataset.component}`);
  }
  const inner = node.localName === "leptos-children" ? [...owners, node.$$on_hydrate] : owners;
  for (const child of node.children) hydrate(child, module, inner);
}

whenIdle(async () => {
  const module = await import(glue);
  await module.default({ module_or_path: wasm });
  module.hydrate();
  hydrate(document.body, module, []);
  document.documentElement.dataset.islands = "ready";
});
