package themes

import (
	_ "embed"
	"strings"
)

// motif is one drawn thing, standing on the line y=78 of a 100 by 100 field. ~g is the object's
// gradient, ~o its color, ~d the dark and ~l the light side of it, ~a the accent.
type motif string

// motifs holds the drawn things by name.
var motifs = readMotifs()

//go:embed motifs.txt
var motifLines string

func readMotifs() map[string]motif {
	all := map[string]motif{}
	for line := range strings.Lines(motifLines) {
		if name, svg, ok := strings.Cut(strings.TrimSpace(line), " "); ok && name != "#" {
			all[name] = motif(svg)
		}
	}
	return all
}

// unknown holds the motifs for things with names that say nothing.
var unknown = []string{"solids", "arches", "stones", "totem", "vase"}

// words lead from what people call things to a motif. Singular; a plural s is taken off first.
var words = map[string]string{
	"bag": "bag", "tote": "bag", "handbag": "bag", "purse": "bag", "shopper": "bag", "clutch": "bag",
	"wallet": "notebook", "notebook": "notebook", "journal": "notebook", "diary": "notebook", "planner": "notebook",
	"sketchbook": "notebook", "card": "notebook", "paper": "notebook",
	"backpack": "backpack", "rucksack": "backpack", "daypack": "backpack", "luggage": "backpack", "duffel": "backpack",
	"shirt": "shirt", "tee": "shirt", "t-shirt": "shirt", "tshirt": "shirt", "top": "shirt", "blouse": "shirt",
	"polo": "shirt", "vest": "shirt", "tank": "shirt", "jersey": "shirt",
	"sweater": "sweater", "hoodie": "sweater", "sweatshirt": "sweater", "cardigan": "sweater", "jumper": "sweater",
	"jacket": "sweater", "coat": "sweater", "pullover": "sweater", "knit": "sweater", "overshirt": "sweater",
	"parka": "sweater", "fleece": "sweater", "robe": "sweater",
	"trouser": "trousers", "pant": "trousers", "jean": "trousers", "legging": "trousers", "chino": "trousers",
	"short": "trousers", "jogger": "trousers", "denim": "trousers",
	"dress": "dress", "skirt": "dress", "gown": "dress", "romper": "dress", "jumpsuit": "dress",
	"shoe": "shoe", "sneaker": "shoe", "trainer": "shoe", "boot": "shoe", "loafer": "shoe", "sandal": "shoe",
	"runner": "shoe", "slipper": "shoe", "heel": "shoe",
	"hat": "hat", "cap": "hat", "beanie": "hat", "fedora": "hat",
	"sock":  "sock",
	"scarf": "scarf", "shawl": "scarf", "glove": "scarf", "tie": "scarf",
	"watch": "watch", "smartwatch": "watch", "clock": "watch",
	"sunglasse": "glasses", "glasse": "glasses", "sunglasses": "glasses",
	"ring": "ring", "jewelry": "ring", "jewellery": "ring", "earring": "ring", "bracelet": "ring",
	"necklace": "necklace", "pendant": "necklace", "chain": "necklace",
	"mug": "mug", "cup": "mug", "tumbler": "mug", "espresso": "mug",
	"bowl": "bowl", "plate": "bowl", "dish": "bowl", "salad": "bowl",
	"teapot": "teapot", "kettle": "teapot", "pitcher": "teapot", "jug": "teapot", "pot": "teapot", "cookware": "teapot",
	"lamp": "lamp", "light": "lamp", "lantern": "lamp", "shade": "lamp", "bulb": "lamp",
	"book": "book", "novel": "book", "atlas": "book", "cookbook": "book", "guide": "book", "fiction": "book",
	"poetry": "book", "poem": "book", "storie": "book", "stories": "book", "magazine": "book", "paperback": "book",
	"hardcover": "book",
	"candle":    "candle", "incense": "candle", "fragrance": "candle", "scent": "candle", "diffuser": "candle",
	"bottle": "bottle", "serum": "bottle", "shampoo": "bottle", "oil": "bottle", "perfume": "bottle", "lotion": "bottle",
	"cleanser": "bottle", "mist": "bottle", "toner": "bottle", "vinegar": "bottle", "syrup": "bottle", "sauce": "bottle",
	"juice": "bottle", "flask": "bottle",
	"wine": "wine", "beer": "wine", "gin": "wine", "cider": "wine", "spirit": "wine", "lemonade": "wine",
	"tube": "tube", "mascara": "tube", "lipstick": "tube", "makeup": "tube", "toothpaste": "tube", "sunscreen": "tube",
	"paint": "tube",
	"jar":   "jar", "cream": "jar", "balm": "jar", "honey": "jar", "jam": "jar", "mask": "jar", "scrub": "jar",
	"butter": "jar", "spice": "jar", "salt": "jar", "pickle": "jar", "moisturiser": "jar", "moisturizer": "jar",
	"pesto": "jar", "marmalade": "jar",
	"soap":  "soap",
	"plant": "plant", "succulent": "plant", "fern": "plant", "monstera": "plant", "planter": "plant", "seed": "plant",
	"herb":   "plant",
	"flower": "vase", "vase": "vase", "ceramic": "vase", "pottery": "vase",
	"chair": "chair", "stool": "chair", "bench": "chair", "desk": "chair",
	"sofa": "sofa", "couch": "sofa", "armchair": "sofa",
	"cushion": "cushion", "pillow": "cushion",
	"blanket": "textile", "throw": "textile", "towel": "textile", "linen": "textile", "sheet": "textile", "rug": "textile",
	"duvet": "textile", "quilt": "textile", "fabric": "textile", "apron": "textile", "napkin": "textile",
	"yarn":  "textile",
	"print": "print", "poster": "print", "art": "print", "frame": "print", "painting": "print", "photograph": "print",
	"canva": "print", "mirror": "print",
	"brush": "brushes", "brushe": "brushes", "pencil": "brushes", "pen": "brushes", "marker": "brushes",
	"watercolor": "brushes", "watercolour": "brushes",
	"headphone": "headphones", "earbud": "headphones", "headset": "headphones",
	"speaker": "speaker", "soundbar": "speaker", "radio": "speaker", "turntable": "speaker",
	"phone": "phone", "smartphone": "phone", "charger": "phone", "case": "phone", "tablet": "phone", "powerbank": "phone",
	"battery": "phone", "reader": "phone",
	"laptop": "laptop", "keyboard": "laptop", "monitor": "laptop", "computer": "laptop", "mouse": "laptop",
	"hub":    "laptop",
	"camera": "camera", "lens": "camera", "drone": "camera", "webcam": "camera",
	"ball": "ball", "football": "ball", "basketball": "ball",
	"kettlebell": "kettlebell", "dumbbell": "kettlebell", "weight": "kettlebell",
	"mat": "mat", "yoga": "mat", "roller": "mat",
	"bike": "bike", "bicycle": "bike", "scooter": "bike",
	"block": "blocks", "toy": "blocks", "puzzle": "blocks", "stacker": "blocks", "train": "blocks",
	"bear": "bear", "plush": "bear", "teddy": "bear", "doll": "bear", "bunny": "bear",
	"coffee": "pouch", "tea": "pouch", "granola": "pouch", "pasta": "pouch", "flour": "pouch", "rice": "pouch",
	"bean": "pouch", "nut": "pouch", "blend": "pouch",
	"chocolate": "bar", "bar": "bar", "candy": "bar", "truffle": "bar",
	"box": "box", "gift": "box", "bundle": "box", "hamper": "box", "crate": "box", "basket": "box",
	"bread": "bread", "sourdough": "bread", "loaf": "bread", "bakery": "bread", "cake": "bread", "cookie": "bread",
	"cheese": "bread",
	"fruit":  "fruit", "apple": "fruit", "orange": "fruit", "lemon": "fruit",
	"knife": "knife", "cutlery": "knife", "spoon": "knife", "utensil": "knife", "fork": "knife", "board": "knife",
	"hammer": "tool", "tool": "tool", "axe": "tool", "trowel": "tool",
}

// topics holds words that say where a thing belongs rather than what it is; they count where no other does.
var topics = map[string]string{
	"sale": "bag", "accessory": "bag", "accessorie": "bag",
	"travel": "backpack", "outdoor": "backpack",
	"men": "shirt", "fashion": "shirt", "apparel": "shirt", "clothing": "shirt", "uniform": "shirt",
	"women":   "dress",
	"kitchen": "mug", "tableware": "mug",
	"food":     "bowl",
	"lighting": "lamp",
	"history":  "book",
	"beauty":   "bottle", "skincare": "bottle", "drink": "bottle",
	"bath": "soap", "body": "soap",
	"garden":    "plant",
	"furniture": "chair", "table": "chair",
	"living":  "sofa",
	"bedroom": "cushion", "bedding": "cushion",
	"home": "vase", "decor": "vase",
	"wall":  "print",
	"craft": "brushes", "studio": "brushes",
	"electronic": "headphones", "audio": "headphones",
	"sport":   "ball",
	"fitness": "kettlebell", "gym": "kettlebell",
	"kid": "blocks", "game": "blocks",
	"new": "box", "arrival": "box", "all": "box", "kit": "box", "set": "box",
	"pantry": "pouch", "snack": "pouch",
	"baby":       "bear",
	"stationery": "notebook",
	"outerwear":  "sweater", "knitwear": "sweater",
	"footwear": "shoe", "running": "shoe",
	"eyewear": "glasses",
	"cycling": "bike",
}
