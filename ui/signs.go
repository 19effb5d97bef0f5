package ui

// plainSigns are what stands for the screen's own signs on a terminal whose character set
// hasn't got them (LC_ALL=C), each as wide as its sign.
func plainSigns() map[rune]string {
	return map[rune]string{
		'▸': ">",           // what is selected
		'▲': "^", '▼': "v", // which way it is sorted
		'←': "<", '→': ">", '↑': "^", '↓': "v",
		'…': "~", // cut
		'—': "-", // none
		'–': "-", // from one to another
		'×': "x",
		'·': ".", '█': "#", // bars, and dots between
		'─': "-", '┆': "|", // lines between
		'›': ">", '“': `"`, '”': `"`, '’': "'",
	}
}
