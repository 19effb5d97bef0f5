// Package text makes foreign text safe to show on a terminal. Most of what detour shows
// was written by somebody else: URLs, headers, error messages, certificate names. None of
// it may control the terminal, hide, reorder its neighbours or push columns out of line.
//
// [Clean] replaces whatever can't be shown safely with a visible mark; [Fit], [Wrap] and
// their relatives measure and cut what was cleaned, in cells of the screen. [Find] and
// [Clip] locate a search term. All functions are pure and may be called concurrently.
package text
