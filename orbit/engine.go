package orbit

// EngineName names one of the storefront engines that are built into the program.
type EngineName string

// The engines.
const (
	EngineModern  EngineName = "modern"
	EngineClassic EngineName = "classic"
	EngineMinimal EngineName = "minimal"
)

// Engines returns all engines.
func Engines() Terms[EngineName] {
	return Terms[EngineName]{
		{EngineModern, "Modern"},
		{EngineClassic, "Classic"},
		{EngineMinimal, "Minimal"},
	}
}

// Thumbnail is the engine's own thumbnail.
func (e EngineName) Thumbnail() string { return "/static/themes/" + string(e) + ".svg" }

// Valid reports whether the program has an engine of that name.
func (e EngineName) Valid() bool { return Engines().Has(e) }
