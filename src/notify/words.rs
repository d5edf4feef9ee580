//! The words of messages, in the guest's language. Short enough for one SMS, with the restaurant's name first and the
//! order's number in every one: by it a message is found again at its provider.

use crate::domain::message::{Locale, MessageKind, Vars};

/// Answers to what people write back.
pub const STOPPED: &str = "You will get no more messages. Send START to get them again.";
pub const STARTED: &str = "You will get messages about your orders again. Send STOP to end them.";
pub const HELP: &str =
    "Messages about your restaurant orders. Send STOP to end them. Ask the restaurant for anything else.";

/// What of a reason fits.
const REASON_CHARS: usize = 120;

/// Subject and text.
#[must_use]
pub fn of(kind: MessageKind, locale: Locale, vars: &Vars) -> (String, String) {
    let name = &vars.restaurant;
    let number = marker(vars);
    let body = match kind {
        MessageKind::Received => received(locale, &number),
        MessageKind::Accepted => accepted(locale, &number, vars.minutes),
        MessageKind::Ready => ready(locale, &number),
        MessageKind::Cancelled => cancelled(locale, &number, &reason(vars)),
        MessageKind::Code => code(locale, vars.code.as_deref().unwrap_or_default()),
        // They stay in the house.
        MessageKind::Unseen | MessageKind::Called | MessageKind::NotTold => number.clone(),
    };
    let subject = if kind == MessageKind::Code { name.clone() } else { format!("{name} {number}") };
    (subject, format!("{name}: {body}"))
}

/// What every message about an order has in it.
#[must_use]
pub fn marker(vars: &Vars) -> String {
    vars.number.map_or_else(|| vars.code.clone().unwrap_or_default(), |number| format!("#{number}"))
}

/// By what a message is known again at its provider, whatever text it was put into.
#[must_use]
pub fn marks(kind: MessageKind, vars: &Vars) -> Vec<String> {
    // The approved text of a code has nothing in it but the code.
    let name = (kind != MessageKind::Code).then(|| vars.restaurant.clone());
    name.into_iter().chain([marker(vars)]).filter(|mark| !mark.is_empty()).collect()
}

/// What goes into the gaps of an approved text: 1 the restaurant, 2 the number, 3 minutes or reason. A code's first
/// gap is the code, as WhatsApp wants it.
#[must_use]
pub fn gaps(kind: MessageKind, vars: &Vars) -> Vec<String> {
    let own = match kind {
        MessageKind::Accepted => Some(vars.minutes.unwrap_or(0).to_string()),
        MessageKind::Cancelled => Some(reason(vars)),
        MessageKind::Code => return vec![vars.code.clone().unwrap_or_default()],
        MessageKind::Received
        | MessageKind::Ready
        | MessageKind::Unseen
        | MessageKind::Called
        | MessageKind::NotTold => None,
    };
    // An empty gap is refused (Twilio 21656, WhatsApp 132012).
    let filled = |text: String| if text.is_empty() { "-".to_owned() } else { text };
    [Some(vars.restaurant.clone()), Some(marker(vars)), own].into_iter().flatten().map(filled).collect()
}

fn reason(vars: &Vars) -> String {
    let one_line: String = vars.reason.as_deref().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    one_line.chars().take(REASON_CHARS).collect()
}

fn received(locale: Locale, number: &str) -> String {
    match locale {
        Locale::En => format!("we have your order {number}."),
        Locale::Es => format!("hemos recibido tu pedido {number}."),
        Locale::Fr => format!("nous avons reçu votre commande {number}."),
        Locale::De => format!("Ihre Bestellung {number} ist da."),
        Locale::Ar => format!("استلمنا طلبك {number}."),
        Locale::Zh => format!("已收到您的订单 {number}。"),
    }
}

fn accepted(locale: Locale, number: &str, minutes: Option<i64>) -> String {
    match (locale, minutes) {
        (Locale::En, Some(m)) => format!("order {number} is being prepared, ready in about {m} min."),
        (Locale::Es, Some(m)) => format!("estamos preparando tu pedido {number}; listo en unos {m} min."),
        (Locale::Fr, Some(m)) => format!("votre commande {number} est en préparation, prête dans {m} min environ."),
        (Locale::De, Some(m)) => format!("Bestellung {number} wird zubereitet, fertig in etwa {m} Min."),
        (Locale::Ar, Some(m)) => format!("نُحضّر طلبك {number}، جاهز خلال {m} دقيقة تقريبًا."),
        (Locale::Zh, Some(m)) => format!("订单 {number} 正在制作，约 {m} 分钟后完成。"),
        (Locale::En, None) => format!("order {number} is being prepared."),
        (Locale::Es, None) => format!("estamos preparando tu pedido {number}."),
        (Locale::Fr, None) => format!("votre commande {number} est en préparation."),
        (Locale::De, None) => format!("Bestellung {number} wird zubereitet."),
        (Locale::Ar, None) => format!("نُحضّر طلبك {number}."),
        (Locale::Zh, None) => format!("订单 {number} 正在制作。"),
    }
}

fn ready(locale: Locale, number: &str) -> String {
    match locale {
        Locale::En => format!("order {number} is ready."),
        Locale::Es => format!("tu pedido {number} está listo."),
        Locale::Fr => format!("votre commande {number} est prête."),
        Locale::De => format!("Bestellung {number} ist fertig."),
        Locale::Ar => format!("طلبك {number} جاهز."),
        Locale::Zh => format!("订单 {number} 已备好。"),
    }
}

fn cancelled(locale: Locale, number: &str, reason: &str) -> String {
    let said = match locale {
        Locale::En => format!("order {number} was cancelled"),
        Locale::Es => format!("tu pedido {number} se ha cancelado"),
        Locale::Fr => format!("votre commande {number} a été annulée"),
        Locale::De => format!("Bestellung {number} wurde storniert"),
        Locale::Ar => format!("أُلغي طلبك {number}"),
        Locale::Zh => format!("订单 {number} 已取消"),
    };
    match (reason.is_empty(), locale) {
        (true, Locale::Zh) => format!("{said}。"),
        (true, _) => format!("{said}."),
        (false, Locale::Zh) => format!("{said}：{reason}"),
        (false, _) => format!("{said}: {reason}"),
    }
}

fn code(locale: Locale, code: &str) -> String {
    match locale {
        Locale::En => format!("{code} is your code. It is good for 5 minutes. Tell it to nobody."),
        Locale::Es => format!("{code} es tu código. Vale 5 minutos. No lo compartas."),
        Locale::Fr => format!("{code} est votre code, valable 5 minutes. Ne le communiquez à personne."),
        Locale::De => format!("{code} ist Ihr Code. Er gilt 5 Minuten. Geben Sie ihn nicht weiter."),
        Locale::Ar => format!("{code} هو رمزك، صالح لمدة 5 دقائق. لا تشاركه مع أحد."),
        Locale::Zh => format!("验证码 {code}，5 分钟内有效，请勿告知他人。"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_names_the_restaurant_and_the_order_in_every_language() {
        let vars = Vars {
            restaurant: "Casa Oliva".to_owned(),
            number: Some(42),
            minutes: Some(15),
            reason: Some("no\nfish  today".to_owned()),
            ..Vars::default()
        };
        for kind in [MessageKind::Received, MessageKind::Accepted, MessageKind::Ready, MessageKind::Cancelled] {
            let mut texts: Vec<String> = Locale::ALL.iter().map(|locale| of(kind, *locale, &vars).1).collect();
            for text in &texts {
                assert!(text.starts_with("Casa Oliva: ") && text.contains("#42"), "{text}");
                assert!(!text.contains('\n') && text.chars().count() < 160, "{text}");
            }
            texts.dedup();
            assert_eq!(texts.len(), Locale::ALL.len());
        }
    }

    #[test]
    fn an_approved_text_has_no_empty_gap() {
        let vars = Vars { number: Some(7), ..Vars::default() };
        assert_eq!(gaps(MessageKind::Cancelled, &vars), ["-", "#7", "-"]);
        assert_eq!(gaps(MessageKind::Code, &Vars { code: Some("123456".to_owned()), ..vars }), ["123456"]);
    }
}
