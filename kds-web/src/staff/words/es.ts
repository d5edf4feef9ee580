// Words of the staff page in Spanish.

import door from "../../door/words/es";
import type { StaffWords } from "./en";

const es: StaffWords = {
  ...door,
  title: "Quién trabaja aquí",
  staffOf: (slug: string) => `Personal de ${slug}`,
  managersOnly: "Esta página es para encargados.",
  language: "Idioma",
  reading: "Leyendo la lista",
  thisIsYou: "eres tú",
  role: "Función",
  roleOf: (name: string) => `Función de ${name}`,
  roles: {
    kitchen: "Cocina",
    waiter: "Camarero",
    manager: "Encargado",
    admin: "Administrador",
  },
  newPassword: "Nueva contraseña",
  passwordFor: (name: string) => `Nueva contraseña para ${name}`,
  loginsEnd: "Sus sesiones terminan al momento.",
  replace: "Cambiarla",
  sendAway: "Dar de baja",
  sendAwaySure: (name: string) => `Dar de baja a ${name}`,
  add: "Alguien nuevo",
  name: "Nombre",
  firstPassword: "Su primera contraseña",
  addThem: "Añadir",
  refusals: {
    already_member: "Ya trabaja aquí.",
    works_elsewhere: "También trabaja en otro sitio: su contraseña sigue siendo suya.",
    invalid: "Revisa los campos: la contraseña tiene 8 caracteres o más.",
    forbidden: "Tu función no puede hacer eso.",
    unknown_member: "Ya no trabaja aquí.",
    no_answer: "El servidor no responde. Inténtalo otra vez.",
  },
};

export default es;
