package text

// MaxLine is how many bytes of one text a pane shows. A header may have a megabyte.
const MaxLine = 4096

// MaxCell is how many bytes of one text a cell of the table is made from.
const MaxCell = 1024
