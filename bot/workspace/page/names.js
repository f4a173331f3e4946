// What people and channels are called, and how they are marked.
import { icon } from "./dom.js";
import { state } from "./state.js";

export const userOf = (id) => state.users.find((u) => u.id === id) || { id, name: id, real_name: id };
export const nameOf = (user) => user.real_name || user.name || user.id;
// markOf is what Slack writes beside people who are not members of the team.
export const markOf = (user) => (user.is_stranger ? "External" : user.is_restricted || user.is_ultra_restricted ? "Guest" : "");
export const titleOf = (user) => (markOf(user) ? `${nameOf(user).split(" ")[0]} (${markOf(user).toLowerCase()})` : nameOf(user));

export const isDirect = (c) => c.id.startsWith("D");
export const channelIcon = (c) => icon(isDirect(c) ? "reply" : c.is_private ? "lock" : "hash");
export const channelName = (c) => (isDirect(c) ? c.name : "#" + c.name);
export const sharedWith = (c) => c.is_ext_shared || c.is_pending_ext_shared;
