/**
 * Loaded before the production build, this puts a record that keeps nothing in the place of the edge's: what makes an
 * event durable cannot be switched off, and the CPU of one authentication alone is to be measured.
 */
import { register } from "node:module";

register("./hooks.js", import.meta.url);
