//! Engagement attributes in all their kinds and scalar oddities: docs/protocol/engagement-history-api.md, "Engagement attributes".

use super::json::Json;
use super::plan::Facts;
use super::texts::PRODUCTS;
use crate::identity::SCRIPTED_SKILLS;
use crate::random::Random;
use crate::times::MINUTE;

type Fill = fn(&mut Json, &mut Random);

/// Kind, payload key, name of the object nested in it, and what fills it.
const KINDS: [(&str, &str, Option<&str>, Fill); 10] = [
    ("CART_STATUS", "cartStatus", None, cart),
    ("CUSTOMER_INFO", "customerInfo", Some("customerInfo"), customer),
    ("LEAD", "lead", Some("lead"), lead),
    ("MARKETING_CAMPAIGN_INFO", "marketingCampaignInfo", Some("marketingCampaignInfo"), marketing),
    ("PERSONAL_INFO", "personalInfo", Some("personalInfo"), personal),
    ("PURCHASE", "purchase", None, purchase),
    ("SEARCH_CONTENT", "searchContent", None, search),
    ("SERVICE_ACTIVITY", "serviceActivity", Some("serviceActivity"), service),
    ("VIEWED_PRODUCT", "viewedProduct", None, viewed),
    ("VISITOR_ERROR", "formFillingError", Some("visitorError"), error),
];

/// The position of purchases in [`KINDS`], and how often they occur by skill, where each of the other kinds has 10.
const PURCHASE: usize = 5;
const PURCHASE_WEIGHTS: [u32; SCRIPTED_SKILLS] = [14, 3, 5, 2, 3];

/// The longest value that the service allows; one record in two thousand has one.
const LONGEST_VALUE: usize = 50_000;

/// The member `sdes`, absent from some records.
pub fn write(json: &mut Json, facts: &Facts, random: &mut Random) {
    if random.chance(250) {
        return;
    }
    let count = random.between(1, 6);
    let mut weights = [10; KINDS.len()];
    weights[PURCHASE] = PURCHASE_WEIGHTS[facts.skill_position()];
    let long = facts.visit.is_multiple_of(2_000) && facts.sequence == 0;
    json.name("sdes").object(|json| {
        json.name("events").array(|json| {
            for number in 0..count {
                let kind = random.weighted(&weights);
                // Most who buy do so once they know what they asked about.
                let moment = if kind == PURCHASE && random.chance(750) {
                    facts.end + random.between(0, 40 * MINUTE)
                } else {
                    facts.start + number * 20_000 - 60_000
                };
                event(json, kind, moment, random);
            }
            if long {
                long_error(json, facts.start);
            }
        });
    });
}

fn event(json: &mut Json, kind: usize, moment: i64, random: &mut Random) {
    let (sde_type, key, inner, fill) = KINDS[kind];
    let server = (moment + random.between(0, 5_000)).to_string();
    let original = moment.to_string();
    let without_original = random.chance(60);
    let authenticated = random.chance(150);
    json.object(|json| {
        json.name(key).object(|json| {
            json.texts(&[("serverTimeStamp", &server)]);
            if !without_original {
                json.texts(&[("originalTimeStamp", &original)]);
            }
            match inner {
                Some(inner) => json.name(inner).object(|json| fill(json, random)),
                None => fill(json, random),
            }
        });
        json.texts(&[("serverTimeStamp", &server), ("sdeType", sde_type)]);
        json.flags(&[("isAuthenticated", authenticated)]);
    });
}

fn long_error(json: &mut Json, moment: i64) {
    let stamp = moment.to_string();
    let message = "lorem ipsum ".repeat(LONGEST_VALUE / 12);
    json.object(|json| {
        json.name("formFillingError").object(|json| {
            json.texts(&[("serverTimeStamp", &stamp)]);
            json.name("visitorError").object(|json| json.texts(&[("message", &message)]));
        });
        json.texts(&[("serverTimeStamp", &stamp), ("sdeType", "VISITOR_ERROR")]);
        json.flags(&[("isAuthenticated", false)]);
    });
}

fn amount(random: &mut Random) -> String {
    format!("{}.{}", random.between(1, 900), random.between(0, 99))
}

/// A text, or null in some cases.
fn text_or_null(json: &mut Json, name: &str, value: &str, random: &mut Random) {
    if random.chance(250) { json.nulls(&[name]) } else { json.texts(&[(name, value)]) }
}

fn products(json: &mut Json, random: &mut Random, quantities: bool, stock: bool) {
    let count = random.between(0, 3);
    json.name("products").array(|json| {
        for _ in 0..count {
            let (name, category, sku, price) = random.pick(&PRODUCTS);
            let quantity = random.between(1, 5).to_string();
            json.object(|json| {
                match (quantities, random.chance(300)) {
                    (true, _) => json.texts(&[("quantity", &quantity)]),
                    (false, true) => json.nulls(&["quantity"]),
                    (false, false) => {}
                }
                json.name("product").object(|json| {
                    json.texts(&[("name", name), ("category", category), ("sku", sku), ("price", price)]);
                    if stock {
                        json.texts(&[("statusInStock", "Out of stock")]);
                        json.numbers(&[("quantityInStock", 0)]);
                    }
                });
            });
        }
    });
}

fn cart(json: &mut Json, random: &mut Random) {
    json.texts(&[("total", &amount(random)), ("numItems", &random.between(1, 9).to_string())]);
    text_or_null(json, "currency", "USD", random);
    products(json, random, true, false);
}

fn purchase(json: &mut Json, random: &mut Random) {
    let empty = random.chance(300);
    json.texts(&[("total", &amount(random)), ("orderId", &format!("DRV{}XC", random.between(100, 9_999)))]);
    text_or_null(json, "currency", "EUR", random);
    json.name("cart").object(|json| {
        json.nulls(&["serverTimeStamp", "originalTimeStamp"]);
        if empty {
            json.nulls(&["total", "numItems"]);
            json.name("products").array(|_| {});
        } else {
            json.texts(&[("total", &amount(random)), ("numItems", &random.between(1, 20).to_string())]);
            products(json, random, true, false);
        }
    });
}

fn viewed(json: &mut Json, random: &mut Random) {
    json.texts(&[("currency", "RUB")]);
    let stock = random.chance(500);
    products(json, random, false, stock);
}

fn date(json: &mut Json, name: &str, random: &mut Random) {
    let parts = [random.between(2010, 2025), random.between(1, 12), random.between(1, 28)].map(|part| part.to_string());
    json.name(name).object(|json| json.texts(&[("year", &parts[0]), ("month", &parts[1]), ("day", &parts[2])]));
}

fn customer(json: &mut Json, random: &mut Random) {
    json.texts(&[("customerStatus", "cancelled"), ("customerType", "vip"), ("balance", "-400.99"), ("Currency", "USD")]);
    json.texts(&[("customerId", &format!("{}AC", random.between(100_000, 999_999)))]);
    if random.chance(500) {
        json.numbers(&[("socialId", 4444)]);
    } else {
        json.texts(&[("socialId", "11256324780")]);
    }
    json.nulls(&["imei", "role", "storeZipCode"]);
    text_or_null(json, "userName", "testuser", random);
    text_or_null(json, "accountName", "bank corp", random);
    text_or_null(json, "companySize", "500", random);
    text_or_null(json, "companyBranch", "Main Street branch", random);
    json.texts(&[("storeNumber", "store 12")]);
    date(json, "lastPaymentDate", random);
    date(json, "registrationDate", random);
}

fn personal(json: &mut Json, random: &mut Random) {
    json.texts(&[("name", "John"), ("surname", "Doe"), ("gender", "MALE"), ("company", "company")]);
    text_or_null(json, "language", "English", random);
    json.name("customerAge").object(|json| {
        json.texts(&[("customerAgeInYears", "34.0"), ("customerYearOfBirth", "1980")]);
        json.texts(&[("customerMonthOfBirth", "4"), ("customerDateOfBirth", "15")]);
    });
    let address = random.chance(300);
    json.name("contacts").array(|json| {
        json.object(|json| {
            json.name("personalContact").object(|json| {
                json.texts(&[("email", "myname@example.com"), ("phone", "+1 212-788-8877")]);
                if address {
                    json.name("address").object(|json| {
                        json.texts(&[("country", "Israel"), ("region", "Moscow")]);
                        json.numbers(&[("zipCode", 12345)]);
                    });
                }
            });
        });
    });
}

fn marketing(json: &mut Json, random: &mut Random) {
    let channel = random.between(0, 6).to_string();
    json.texts(&[("originatingChannel", &channel), ("affiliate", "Yahoo"), ("campaignId", "US coupon campaign")]);
}

fn lead(json: &mut Json, random: &mut Random) {
    json.texts(&[("topic", "luxury car test drive 2015"), ("value", "22.22"), ("leadId", "xyz123")]);
    text_or_null(json, "currency", "USD", random);
}

fn service(json: &mut Json, random: &mut Random) {
    let status = random.between(0, 13).to_string();
    json.texts(&[("topic", "order checkbook"), ("status", &status), ("category", "finance"), ("serviceId", "service12")]);
}

fn search(json: &mut Json, random: &mut Random) {
    let (first, ..) = random.pick(&PRODUCTS);
    json.name("keywords").array(|json| {
        json.text("apple");
        json.text(first);
    });
}

/// Messages and codes come bare or wrapped in the serializer's residue.
fn error(json: &mut Json, random: &mut Random) {
    let wrapped = random.chance(500);
    text_or_null(json, "contextId", "context.id", random);
    for (name, value) in [("message", "Expiration date missing"), ("code", "er100004")] {
        if wrapped {
            json.name(name).object(|json| json.texts(&[("string", value)]));
        } else {
            json.texts(&[(name, value)]);
        }
    }
    text_or_null(json, "level", "2", random);
    text_or_null(json, "resolved", "true", random);
}
