/** The order of what a search finds: Sphinx's own numbers, and decisions about the architecture behind the pages that people look for. */
var Scorer = {
  score: ([page, , , , score]) => (page.startsWith("adr/") ? score - 30 : score),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
