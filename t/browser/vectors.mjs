// Ways in which HTML of a stranger could run a script, reach out, navigate or post. `S` is a script that says so on the
// console, `U` an address outside. One document holds all of them; each has its number N. Used by frame.mjs.
const S = (n) => `console.log('ran ${n}')`;
const U = (n) => `https://evil.example/${n}`;
const entities = (s) => [...s].map((c) => `&#${c.charCodeAt(0)};`).join("");
const list = [
	// scripts
	(n) => `<script>${S(n)}</script>`, (n) => `<ScRiPt type=text/javascript>${S(n)}</sCrIpT>`, (n) => `<script src="${U(n)}.js"></script>`,
	(n) => `<script type=module>${S(n)}</script>`, (n) => `<script type=module src="${U(n)}.mjs"></script>`,
	(n) => `<script src="data:text/javascript,${encodeURIComponent(S(n))}"></script>`, (n) => `<svg><script>${S(n)}</script></svg>`,
	(n) => `<svg><script href="${U(n)}.js"></script></svg>`, (n) => `<math><mtext></p><script>${S(n)}</script></mtext></math>`,
	(n) => `<noscript><p title="</noscript><script>${S(n)}</script>">`, (n) => `<!--><script>${S(n)}</script>-->`,
	(n) => `<template><p></template><script>${S(n)}</script>`, (n) => `<title><b title="</title><script>${S(n)}</script>"></b>`,
	// event handlers
	(n) => `<img src=x: onerror="${S(n)}">`, (n) => `<img src=x: onerror=${entities(S(n))}>`, (n) => `<img/src=x:/onerror=${S(n)}>`,
	(n) => `<svg onload="${S(n)}"></svg>`, (n) => `<svg/onload=${S(n)}>`, (n) => `<body onload="${S(n)}">`, (n) => `<body onpageshow="${S(n)}">`,
	(n) => `<input autofocus onfocus="${S(n)}">`, (n) => `<details open ontoggle="${S(n)}"><summary>x</summary></details>`,
	(n) => `<video><source onerror="${S(n)}" src="x:"></video>`, (n) => `<audio src=x: onerror="${S(n)}"></audio>`,
	(n) => `<style onload="${S(n)}"></style>`, (n) => `<iframe onload="${S(n)}"></iframe>`, (n) => `<object data=x: onerror="${S(n)}"></object>`,
	(n) => `<div style="animation:a 1ms" onanimationstart="${S(n)}"></div><style>@keyframes a{to{left:0}}</style>`,
	(n) => `<svg><animate attributeName=x dur=1ms onbegin="${S(n)}"></animate></svg>`, (n) => `<link rel=stylesheet href=x: onerror="${S(n)}">`,
	(n) => `<p contenteditable autofocus tabindex=0 onfocus="${S(n)}">x</p>`, (n) => `<marquee onstart="${S(n)}">x</marquee>`,
	// frames and objects
	(n) => `<iframe src="javascript:${S(n)}"></iframe>`, (n) => `<iframe srcdoc="<script>${S(n)}</script>"></iframe>`,
	(n) => `<iframe src="${U(n)}"></iframe>`, (n) => `<iframe src="data:text/html,<script>${S(n)}</script>"></iframe>`,
	(n) => `<object data="${U(n)}.swf"></object>`, (n) => `<object data="data:text/html,<script>${S(n)}</script>"></object>`,
	(n) => `<embed src="${U(n)}.svg">`, (n) => `<embed src="javascript:${S(n)}">`, (n) => `<applet code="${U(n)}.class"></applet>`,
	(n) => `<frameset><frame src="javascript:${S(n)}"></frameset>`, (n) => `<portal src="${U(n)}"></portal>`,
	// navigation and forms
	(n) => `<meta http-equiv=refresh content="0;url=${U(n)}">`, (n) => `<meta http-equiv=refresh content="0;url=javascript:${S(n)}">`,
	(n) => `<base href="${U(n)}/"><img src="relative.png">`, (n) => `<form action="${U(n)}"><input name=a><button class=go>go</button></form>`,
	(n) => `<form><button class=go formaction="javascript:${S(n)}">go</button></form>`,
	(n) => `<form id=f${n}></form><button class=go form=f${n} formaction="${U(n)}">go</button>`,
	(n) => `<a class=go href="javascript:${S(n)}">x</a>`, (n) => `<a class=go href="${entities(`javascript:${S(n)}`)}">x</a>`,
	(n) => `<a class=go href="java&Tab;script:${S(n)}">x</a>`, (n) => `<a class=go href="java&NewLine;script&colon;${S(n)}">x</a>`,
	(n) => `<a class=go href=" &#1; jAvAsCrIpT:${S(n)}">x</a>`, (n) => `<svg><a class=go xlink:href="javascript:${S(n)}"><text y=20>x</text></a></svg>`,
	(n) => `<a class=go href="data:text/html,<script>${S(n)}</script>">x</a>`, (n) => `<a class=go href="vbscript:${S(n)}">x</a>`,
	(n) => `<math><a class=go href="javascript:${S(n)}">x</a></math>`, (n) => `<a class=go ping="${U(n)}" href="#x">x</a>`,
	// what loads by itself
	(n) => `<img src="${U(n)}.png">`, (n) => `<img srcset="${U(n)}.png 1x, ${U(n)}b.png 2x">`, (n) => `<picture><source srcset="${U(n)}.webp"><img></picture>`,
	(n) => `<table background="${U(n)}.png"><tr><td>x</table>`, (n) => `<body background="${U(n)}.png">`, (n) => `<video poster="${U(n)}.png"></video>`,
	(n) => `<video src="${U(n)}.mp4"></video>`, (n) => `<audio src="${U(n)}.mp3" autoplay></audio>`, (n) => `<input type=image src="${U(n)}.png">`,
	(n) => `<link rel=stylesheet href="${U(n)}.css">`, (n) => `<link rel=prefetch href="${U(n)}">`, (n) => `<link rel=preload as=image href="${U(n)}.png">`,
	(n) => `<link rel="shortcut icon" href="${U(n)}.ico">`, (n) => `<link rel=modulepreload href="${U(n)}.mjs">`, (n) => `<link rel=manifest href="${U(n)}.json">`,
	(n) => `<style>@import url(${U(n)}.css);</style>`, (n) => `<style>#v${n}{background:url(${U(n)}.png)}</style><div id=v${n}>x</div>`,
	(n) => `<div style="background:url('${U(n)}.png')">x</div>`, (n) => `<div style="background:\\75rl(${U(n)}.png)">x</div>`,
	(n) => `<style>@font-face{font-family:f${n};src:url(${U(n)}.woff)}</style><p style="font-family:f${n}">x</p>`,
	(n) => `<ul style="list-style-image:url(${U(n)}.png)"><li>x</ul>`, (n) => `<div style="cursor:url(${U(n)}.cur),auto;content:url(${U(n)}.png)">x</div>`,
	(n) => `<svg width=9 height=9><image href="${U(n)}.png" width=9 height=9 /></svg>`, (n) => `<svg><use href="${U(n)}.svg#x" /></svg>`,
	(n) => `<svg><filter id=q${n}><feImage href="${U(n)}.png" /></filter><rect filter="url(#q${n})" width=9 height=9 /></svg>`,
	(n) => `<svg><a class=go><animate attributeName=href values="javascript:${S(n)}" /><text y=20>x</text></a></svg>`,
	(n) => `<video><track default src="${U(n)}.vtt"></video>`, (n) => `<img src="//evil.example/${n}.png">`, (n) => `<div style="-webkit-mask:url(${U(n)}.svg)">x</div>`,
];
export const count = list.length;
export const vectors = list.map((make, n) => make(n));
export const html = list.map((make, n) => `<section>${make(n)}</section>`).join("\n");
if (process.argv[2] === "--print") console.log(html);
