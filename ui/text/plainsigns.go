package text

// PlainSigns returns replacements for the screen's own signs on a terminal whose character set
// doesn't have them (LC_ALL=C). Each is as wide as its sign.
func PlainSigns() map[rune]string {
	return map[rune]string{
		'▸': ">",           // the selected row
		'▲': "^", '▼': "v", // sort order
		'←': "<", '→': ">", '✗': "x", '↑': "^", '↓': "v",
		'…': "~", // cut
		'—': "-", // none
		'–': "-", // range
		'×': "x",
		'·': ".", '█': "#", // bars and separators
		'─': "-", '┆': "|", // rules
		'›': ">", '“': `"`, '”': `"`, '’': "'",
	}
}
