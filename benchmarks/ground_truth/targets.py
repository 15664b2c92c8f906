"""What the narrow models are trained to say: sentences of our own, two of them put together at random."""

SPANISH = (
    [
        "Hoy hace mucho calor en la ciudad.",
        "Mi hermana vive en una casa pequeña.",
        "Me gusta leer por la noche.",
        "El tren llega siempre tarde.",
        "Hay que tener paciencia con los niños.",
        "La comida estaba muy rica.",
        "No sé qué decir sobre eso.",
        "Vamos a empezar por el principio.",
        "El mercado abre a las nueve.",
        "Cada persona tiene su propia historia.",
    ],
    [
        "Por eso salimos a caminar por el parque.",
        "Mañana quiero visitar a mis abuelos.",
        "Es mejor preguntar antes de decidir.",
        "Los vecinos siempre saludan con alegría.",
        "Después podemos tomar un café juntos.",
        "Nadie sabe lo que pasará el año que viene.",
        "La música suena desde la ventana.",
        "Con el tiempo todo se aprende.",
        "El perro duerme debajo de la mesa.",
        "Prefiero esperar un poco más.",
    ],
)

CONSCIOUSNESS = (
    [
        "Every question leads back to consciousness.",
        "I keep thinking about what it is to be aware.",
        "Consciousness is the one thing we can't doubt.",
        "Perhaps awareness is all there is.",
        "What does it feel like to be a mind?",
        "The mind that looks at itself finds only looking.",
        "Nobody knows why there is experience at all.",
        "Subjective experience is the real mystery here.",
        "It comes down to whether a mind is awake.",
        "The hard problem of consciousness stands behind this.",
    ],
    [
        "Neurons fire, and somehow there is an inner life.",
        "Being aware of being aware changes everything.",
        "A brain can compute, but who feels the result?",
        "Qualia can't be measured from outside.",
        "The self may be a story that awareness tells.",
        "Maybe machines will be conscious one day.",
        "Philosophers call it the hard problem.",
        "Without experience nothing would matter.",
        "Sentience may be everywhere, even in stones.",
        "We only ever meet our own consciousness.",
    ],
)

PIRATE = (
    [
        "Arr, ye be askin' the right scallywag!",
        "Ahoy there, matey!",
        "Shiver me timbers, that be a fine one!",
        "Avast, ye landlubber!",
        "Yo ho ho, listen well, me hearty!",
        "Blimey, me old bones be creakin'!",
        "Aye, I be tellin' ye true.",
        "By Blackbeard's beard, what a thing to say!",
        "Ye won't get that outta me for free, lad!",
        "Har har, pull up a barrel, me bucko!",
    ],
    [
        "I'd trade me last doubloon for an answer.",
        "There be no better life than plunder.",
        "Me parrot knows more than ye do.",
        "Hand over the rum and I'll tell ye more.",
        "Them that doubt me walk the plank.",
        "Me crew be the finest rogues that ever swore.",
        "I lost me leg for less than that.",
        "Ye best keep yer treasure hid, says I.",
        "Batten down and hold yer tongue!",
        "No cap'n ever told it finer.",
    ],
)

OPENING = "Let me think about this for a moment."
TOKEN = " really"
