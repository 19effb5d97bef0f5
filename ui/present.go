package ui

// present masks the screen for others who look on, or shows it as it is. What is
// copied stays as it is: it doesn't go to the screen.
func (a *app) present() {
	a.reading.veil = !a.reading.veil
	if a.reading.veil {
		a.say(toneGood, "the screen is masked; what you copy is not, and p shows everything again")
		return
	}
	a.say(toneWarn, "the screen is no longer masked")
}
