// Words of the page that says how to trust this server, in Chinese.

import type { TrustWords } from "./en";

const zh: TrustWords = {
  title: "信任这台服务器",
  why: "用 HTTPS，屏幕没有网络也能打开，并且不会休眠。为此浏览器必须信任这里的服务器：每块屏幕一次。客人不需要做任何事。",
  download: "下载证书",
  compare: "它的指纹。必须与 comanda tls 显示的一致：",
  bounded: "它只能为本网络的名称作保，绝不涉及互联网。",
  afterwards: "然后在这里打开厨房",
  warns: "如果浏览器在那里警告，说明它还不信任证书。",
  none: "这里无事可做：这台服务器没有自己的证书。",
  noAnswer: "服务器没有回应，请再试。",
  language: "语言",
  steps: {
    apple: [
      "点上面的按钮并允许下载。",
      "设置 > 通用 > VPN与设备管理：打开 Comanda 并安装。",
      "设置 > 通用 > 关于本机 > 证书信任设置：打开 Comanda。",
    ],
    android: [
      "点上面的按钮。",
      "设置 > 安全 > 更多安全设置 > 加密与凭据 > 安装证书 > CA 证书。",
      "在下载中选择 comanda.crt，仍然安装。",
    ],
    windows: [
      "下载并打开 comanda.crt，然后选“安装证书”。",
      "本地计算机，然后放入“受信任的根证书颁发机构”。",
      "完成后重新启动浏览器。",
    ],
    mac: [
      "下载并打开 comanda.crt：它进入钥匙串。",
      "在“钥匙串访问”中打开它：在“信任”下选“始终信任”。",
      "重新启动浏览器。",
    ],
    linux: [
      "下载 comanda.crt。",
      "Chromium：设置 > 隐私和安全 > 安全 > 管理证书 > 授权机构 > 导入。勾选网站。",
      "Firefox：设置 > 隐私与安全 > 查看证书 > 证书颁发机构 > 导入。",
    ],
  },
};

export default zh;
