/** What the server writes into the script, and what pages have that the standard library lacks. */
declare const config: { name: string; [other: string]: any };
declare const __NAME__: string;
declare const __TAG_URL__: string;
declare const navigation: any;
interface Window {
  freehold: any;
  dataLayer: any;
  navigation: any;
  [other: string]: any;
}
interface Navigator {
  globalPrivacyControl?: boolean;
}
interface Document {
  prerendering?: boolean;
}
