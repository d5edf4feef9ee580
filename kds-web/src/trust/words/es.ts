// Words of the page that says how to trust this server, in Spanish.

import type { TrustWords } from "./en";

const es: TrustWords = {
  title: "Confiar en este servidor",
  why: "Con HTTPS una pantalla se abre sin red y no se apaga. Para eso su navegador debe confiar en el servidor de aquí: una vez en cada pantalla. Los clientes no necesitan nada.",
  download: "Descargar el certificado",
  compare: "Su huella. Debe ser la que mostró comanda tls:",
  bounded: "Solo vale para nombres de esta red, nunca para internet.",
  afterwards: "Después abre la cocina aquí",
  warns: "Si el navegador avisa, todavía no confía en el certificado.",
  none: "Nada que hacer: este servidor no tiene certificado propio.",
  noAnswer: "El servidor no responde. Prueba otra vez.",
  language: "Idioma",
  steps: {
    apple: [
      "Toca el botón de arriba y permite la descarga.",
      "Ajustes > General > VPN y gestión de dispositivos: abre Comanda e instálalo.",
      "Ajustes > General > Información > Ajustes de confianza de los certificados: activa Comanda.",
    ],
    android: [
      "Toca el botón de arriba.",
      "Ajustes > Seguridad > Más ajustes de seguridad > Encriptación y credenciales > Instalar un certificado > Certificado de CA.",
      "Elige comanda.crt en las descargas e instálalo de todos modos.",
    ],
    windows: [
      "Descarga y abre comanda.crt, luego Instalar certificado.",
      "Equipo local; después: colocarlo en Entidades de certificación raíz de confianza.",
      "Termina y abre el navegador de nuevo.",
    ],
    mac: [
      "Descarga y abre comanda.crt: entra en el llavero.",
      "En Acceso a Llaveros ábrelo: en Confiar elige Confiar siempre.",
      "Abre el navegador de nuevo.",
    ],
    linux: [
      "Descarga comanda.crt.",
      "Chromium: Configuración > Privacidad y seguridad > Seguridad > Gestionar certificados > Entidades emisoras > Importar. Marca los sitios web.",
      "Firefox: Ajustes > Privacidad y seguridad > Ver certificados > Autoridades > Importar.",
    ],
  },
};

export default es;
