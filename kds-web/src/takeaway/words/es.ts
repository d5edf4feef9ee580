// Las palabras de la página para llevar en español. El tipo, y el porqué de cada palabra, está en en.ts.

import type { Away } from "./en";

const es: Away = {
  title: "Para llevar",
  soon: (time) => `listo desde las ${time} aprox.`,

  standing: {
    offTitle: "Aquí no hay comida para llevar",
    off: "Este restaurante no acepta pedidos para llevar en esta página. Llámalos.",
    paused: (when) => `Ahora no hay pedidos para llevar. De nuevo desde ${when}.`,
    closed: (when) => `Cerrado ahora. Abre ${when}.`,
    closedLong: "Cerrado los próximos días.",
    full: "Por ahora todas las horas están ocupadas. Vuelve a mirar en un rato.",
    forLater: "Puedes pedir para más tarde.",
    nowhereTitle: "Aquí no hay tal restaurante",
    nowhere: "Revisa el enlace.",
  },

  pickup: {
    title: "¿Cuándo lo recoges?",
    label: "Recogida",
    asap: "Lo antes posible",
    about: (time) => `sobre las ${time}`,
    taken: "ocupada",
    choose: "Elegir hora",
    change: "Cambiar",
    gone: "Esta hora ya está ocupada. Elige otra.",
    take: (when) => `Recoger ${when}`,
    day: "Día",
    times: "Hora",
    reading: "Buscando las horas",
  },

  phone: {
    title: "Tu número de móvil",
    why: "Te enviamos un código, para poder avisarte seguro cuando tu comida esté lista.",
    verify: "Añadir tu número",
    consent:
      "Aceptas este código y mensajes sobre tu pedido, solo en este número. Envía STOP para terminarlos. No se usa para nada más.",
    send: "Enviadme un código",
    sending: "Enviándolo",
    codeTitle: "Escribe el código",
    code: "Las seis cifras del mensaje",
    sentTo: (phone) => `Enviado a ${phone}. Vale cinco minutos.`,
    confirm: "Confirmar",
    checking: "Comprobándolo",
    wrong: "Este no es el código. Míralo otra vez.",
    ended: "A este código se le acabó el tiempo o los intentos. Pide otro.",
    noAnswer: "Sin respuesta. Inténtalo otra vez.",
    again: "Enviar otro código",
    againIn: (left) => `Otro código en ${left}`,
    other: "Otro número",
    limit: (left) => `Se han pedido demasiados códigos. De nuevo en ${left}.`,
    connection: "Sin conexión. Inténtalo otra vez.",
    will: (phone) => `Te avisamos en ${phone}.`,
    forget: "Olvidar este número en este teléfono",
    forgetMore: "Los pedidos hechos con él ya no se muestran aquí. El restaurante los sigue teniendo.",
    forgetFailed: "Sin conexión. Todavía no se ha olvidado.",
    known: "Este número está verificado",
  },

  order: {
    yourNumber: "Tu número de recogida",
    pickItUp: "Recógelo",
    begins: (when) => `La cocina empieza ${when}. No tienes que hacer nada más.`,
    ready: "Listo. Ven a por él.",
    readyMore: "Di tu número en el mostrador.",
    agreed: (when) => `Acordado para ${when}`,
    another: "Pedir otra cosa",
    list: "Tus pedidos",
    none: "Aún no hay pedidos en este teléfono.",
    waitingAside:
      "Aún sin respuesta del restaurante. Solo puede llegar una vez, por mucho que lo intente este teléfono.",
  },

  instead: {
    cart: { send: "Pedir", reaching: "Se podrá enviar cuando este teléfono llegue al restaurante." },
    order: {
      cancelLate: "¿Algo que cambiar? Llama al restaurante.",
      served: (time) => `Recogido a las ${time}`,
      steps: { received: "Recibido", cooking: "En cocina", coming: "Listo", served: "Recogido" },
      line: {
        waiting: "En espera",
        next: "Siguiente",
        making: "Preparándose",
        coming: "Listo",
        served: "Recogido",
        void: "No llega",
      },
    },
    bill: {
      state: {
        held: "En espera",
        pending: "Previsto",
        confirmed: "Recibido",
        preparing: "En cocina",
        ready: "Listo",
        completed: "Recogido",
        cancelled: "Cancelado",
      },
    },
    notice: {
      tooLate: "Demasiado tarde para retirarlo: la cocina ha empezado. Llama al restaurante.",
      closed: "Tu número se verificó de nuevo antes de enviar tu pedido. Está otra vez en tu cesta.",
      unsure:
        "Tu número se verificó de nuevo mientras se enviaba un pedido. Llama al restaurante antes de enviarlo otra vez.",
    },
  },
};

export default es;
