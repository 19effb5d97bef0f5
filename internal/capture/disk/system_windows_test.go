package disk

// What files are like on this system, where modes show nothing but that a file can be written.
const (
	private = 0o666
	oddName = "a#c%d 'e'.detour"
)
