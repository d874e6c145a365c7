//! What people write in generated chats.

use crate::random::Random;

/// A language that visitors write in, with the agents answering in it.
#[derive(Debug)]
pub struct Language {
    pub openings: &'static [&'static str],
    pub visitor: &'static [&'static str],
    pub agent: &'static [&'static str],
}

/// English first: most chats use it.
pub const LANGUAGE_WEIGHTS: [u32; 6] = [70, 9, 8, 6, 4, 3];

pub const LANGUAGES: [Language; 6] = [
    Language {
        openings: &[
            "Hi, I have a question about my order {}",
            "Hello! My invoice {} looks wrong, I was charged twice",
            "Good morning, is the iPad in stock?",
            "I can't log in since yesterday 😟",
            "hey, where is my parcel? tracking {}",
            "Hello, I'd like to return a pair of shoes, order {}",
        ],
        visitor: &[
            "ok",
            "Yes please",
            "I have been waiting for two weeks now, this is really disappointing",
            "It says \"error er100004\" when I try to pay",
            "my e-mail is visitor{}@example.com",
            "Thank you so much, that was quick! 👍",
            "No, the other one. The blue one in size 42",
            "{}",
            "Can you send me a confirmation?",
            "I love your service",
            "that's not what I was told last time",
            "One moment, I need to find the receipt",
            "great, thank you 🙏🏽",
            "Do you ship to Canada & Mexico?",
        ],
        agent: &[
            "Thank you, let me check that for you.",
            "I'm sorry for the delay. I'll be right with you.",
            "Could you please confirm your order number and the e-mail address you used?",
            "I can see order {} here. It left our warehouse this morning and should arrive within three working days.",
            "Thank you for waiting. I'll be with you in just a moment.",
            "I have credited the amount to your account; you will see it with the next statement.",
            "Is there anything else I can help you with today?",
            "You can change that yourself under My account > Settings > Delivery.",
            "I understand how annoying that is. Let me see what I can do.",
            "The article is available in our shop for $155.99, with free delivery.",
        ],
    },
    Language {
        openings: &["Hola, tengo una pregunta sobre mi pedido {}", "Buenos días, ¿dónde está mi paquete {}?"],
        visitor: &["sí, gracias", "¡Muchas gracias! 😊", "Todavía no he recibido nada", "mi correo es visitante{}@example.com"],
        agent: &[
            "Un momento, por favor, lo compruebo.",
            "Su pedido {} salió ayer de nuestro almacén.",
            "¿Puedo ayudarle en algo más?",
        ],
    },
    Language {
        openings: &["Guten Tag, meine Rechnung {} stimmt nicht", "Hallo, ich möchte Größe 42 statt 43"],
        visitor: &[
            "Ja, gerne",
            "Vielen Dank für die schnelle Hilfe!",
            "Das hat mir schon der Kollege gesagt…",
            "Straße und PLZ stimmen",
        ],
        agent: &[
            "Einen Augenblick bitte, ich prüfe das.",
            "Ich habe Ihnen die Bestätigung für Auftrag {} geschickt.",
            "Kann ich sonst noch etwas für Sie tun?",
        ],
    },
    Language {
        openings: &["Bonjour, je n'arrive pas à me connecter", "Bonjour, où est ma commande {} ?"],
        visitor: &["oui, merci", "Ça ne marche toujours pas", "D'accord, merci beaucoup 😀"],
        agent: &["Un instant, je vérifie.", "Votre commande {} a été expédiée hier.", "Puis-je vous aider pour autre chose ?"],
    },
    Language {
        openings: &["注文番号 {} について質問があります", "返品したいのですが"],
        visitor: &["はい、お願いします", "ありがとうございます", "まだ届いていません"],
        agent: &["確認いたしますので少々お待ちください。", "ご注文 {} は昨日発送されました。", "他にご質問はございますか？"],
    },
    Language {
        openings: &["Olá, preciso de ajuda com a encomenda {}", "Boa tarde, não consigo pagar"],
        visitor: &["sim, por favor", "Muito obrigada! 😍", "ainda não chegou"],
        agent: &["Um momento, vou verificar.", "A encomenda {} foi enviada ontem.", "Posso ajudar em mais alguma coisa?"],
    },
];

/// Said in some chats of every skill in every month, so that a search for the phrase always finds something.
pub const MONEY_BACK_VISITOR: &str = "I want my money back, please";
pub const MONEY_BACK_AGENT: &str = "You can have your money back within 30 days.";

pub const ONLY_TO_REP: [&str; 3] = [
    "Customer has called three times about this already",
    "VIP account, please be generous",
    "Checked with back office: refund approved",
];

/// Puts a number where the text has `{}`.
pub fn fill(text: &str, random: &mut Random) -> String {
    match text.split_once("{}") {
        Some((before, after)) => format!("{before}{}{after}", random.between(1_000, 999_999)),
        None => text.to_owned(),
    }
}

/// As the agent console sends what an agent typed.
pub fn html(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<div dir=\"ltr\" style=\"direction: ltr; text-align: left;\">{escaped}</div>")
}

/// A structured-content template with every kind of leaf that the samples show.
pub const RICH_CONTENT: &str = r##"{"type":"vertical","elements":[{"type":"image","url":"https://example.com/phone.jpg","tooltip":"image tooltip","click":{"actions":[{"type":"navigate","id":"98446950-2f54-4594-b89b-1d60a9fdda49","name":"Navigate to store via image","lo":23423423,"la":2423423423}]}},{"type":"text","text":"Phone 8","tooltip":"brand new phone 8","style":{"bold":true,"size":"large"}},{"type":"text","text":"Now on sale!"},{"type":"horizontal","elements":[{"type":"button","title":"Buy","tooltip":"store is the thing","click":{"actions":[{"type":"link","id":"febf3237-f7d9-44bc-a17f-fc8abdfb0f25","name":"add to cart","uri":"https://example.com/"}]}},{"type":"button","title":"More details"}]}]}"##;

#[derive(Debug)]
pub struct Question {
    pub id: i64,
    pub text: &'static str,
    /// No choices: free text.
    pub choices: &'static [&'static str],
    pub multiple: bool,
}

#[derive(Debug)]
pub struct Survey {
    pub group: &'static str,
    pub source: &'static str,
    pub id: i64,
    /// Trailing blanks occur in the samples.
    pub name: &'static str,
    pub questions: &'static [Question],
}

/// Grades from worst to best.
pub const RATINGS: [&str; 5] = ["1", "2", "3", "4", "5"];

/// How often each grade is given, by what the visitor thought of the chat: displeased first.
pub const RATING_WEIGHTS: [[u32; 5]; 5] =
    [[40, 25, 18, 10, 7], [24, 22, 22, 18, 14], [9, 10, 20, 33, 28], [4, 6, 13, 34, 43], [2, 3, 8, 27, 60]];

const fn question(id: i64, text: &'static str, choices: &'static [&'static str], multiple: bool) -> Question {
    Question { id, text, choices, multiple }
}

pub const SURVEYS: [Survey; 3] = [
    Survey {
        group: "preChat",
        source: "Pre-Chat",
        id: 195_991,
        name: "Pre-Chat Survey ",
        questions: &[
            question(1, "Name", &[], false),
            question(2, "Email", &[], false),
            question(3, "What is it about?", &["Order", "Invoice", "Product", "Other"], true),
        ],
    },
    Survey {
        group: "postChat",
        source: "Exit",
        id: 222_726,
        name: "Post-chat Survey v2 (All Channels)",
        questions: &[
            question(9, "How satisfied were you with the chat?", &RATINGS, false),
            question(14, "Will you recommend us?", &["No", "Yes"], false),
            question(15, "Anything else you want to tell us?", &[], false),
        ],
    },
    Survey {
        group: "operator",
        source: "operator",
        id: 240_113,
        name: "Agent wrap-up",
        questions: &[
            question(21, "Was the issue resolved?", &["Yes", "No", "Follow-up needed"], false),
            question(22, "Case number", &[], false),
        ],
    },
];

pub const FREE_ANSWERS: [&str; 8] =
    ["Irena", "visitor@example.com", "It was good", "Too slow!", "Prima", "😀", "Jean-Luc O'Brien", "n/a"];

pub const PRODUCTS: [(&str, &str, &str, &str); 8] = [
    ("red high heel shoe", "women shoes", "xyz567", "77.8"),
    ("antivirus pro plan", "software", "xyz001", "7.8"),
    ("iPad Air 11\"", "tablets", "ipd110", "649.00"),
    ("Kaffeemaschine \"Bella\"", "Küche", "kff042", "129.95"),
    ("running shoe blue", "sports", "run420", "89.5"),
    ("garden chair", "outdoor", "grd003", "39.99"),
    ("USB-C cable 2m", "accessories", "usb002", "9.90"),
    ("travel insurance", "services", "ins365", "24"),
];

/// Country, code, state, city: empty when the address says nothing.
pub const PLACES: [(&str, &str, &str, &str); 8] = [
    ("United States", "US", "California", "San Jose"),
    ("United States", "US", "New York", "New York"),
    ("Germany", "DE", "Hessen", "Frankfurt am Main"),
    ("France", "FR", "Île-de-France", "Paris"),
    ("Spain", "ES", "Madrid", "Madrid"),
    ("Japan", "JP", "Tokyo", "Tokyo"),
    ("Brazil", "BR", "São Paulo", "São Paulo"),
    ("", "", "", ""),
];

/// Browser, its type, operating system, device.
pub const BROWSERS: [(&str, &str, &str, &str); 6] = [
    ("Chrome 142.0.7444.60", "CHROME", "WINDOWS", "DESKTOP"),
    ("Chrome 49.0.2623.87", "CHROME", "MAC_OSX", "DESKTOP"),
    ("Firefox 144.0", "FIREFOX", "LINUX", "DESKTOP"),
    ("Safari 26.1", "SAFARI", "IOS", "MOBILE"),
    ("Safari 26.1", "SAFARI", "IOS", "TABLET"),
    ("Chrome Mobile 142.0", "CHROME_MOBILE", "ANDROID", "MOBILE"),
];

pub const ISPS: [(&str, &str); 5] =
    [("Comcast", "Amazon"), ("Deutsche Telekom AG", ""), ("Orange", "Orange"), ("", ""), ("NTT", "OCN")];

/// Page title and URL.
pub const PAGES: [(&str, &str); 5] = [
    ("Home", "https://shop.example.com/"),
    ("Your cart", "https://shop.example.com/cart?step=2&lang=en"),
    ("Help & contact", "https://shop.example.com/help"),
    ("Invoices", "https://shop.example.com/account/invoices"),
    ("LE 2.0 Test Page", "http://shop.example.com/smt.jsp?siteid=1"),
];

/// Campaign id and name, engagement id and name.
pub const CAMPAIGNS: [(&str, &str, &str, &str); 3] = [
    ("213185112", "Live Chat on your site", "213185212", "Sticky chat button"),
    ("26948813", "Sales on product pages", "27469613", "Product page overlay"),
    ("1340122410", "Abandoned carts", "1759631410", "Cart invitation"),
];
