// Package flowtest builds flows for the tests of the table, the panes and the masking: a
// fixed story of a console page, and flows whose texts are hostile. Only tests import it.
package flowtest
