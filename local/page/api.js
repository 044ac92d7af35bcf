// The API of Balas: the access token lives in memory only, the refresh token in a cookie that no script can read.

let accessToken = null;

export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export function isSignedIn() {
  return accessToken !== null;
}

export async function signIn(path, body) {
  accessToken = (await send("POST", path, body)).access_token;
}

export async function signOut() {
  try {
    await send("POST", "/auth/logout");
  } finally {
    accessToken = null;
  }
}

// One refresh at a time over all tabs, for each use makes a new refresh token.
export async function refresh() {
  try {
    accessToken = await navigator.locks.request("balas-refresh", async () => {
      return (await send("POST", "/auth/refresh")).access_token;
    });
  } catch (problem) {
    accessToken = null;
    throw problem;
  }
}

export const get = (path) => authorized("GET", path);
export const post = (path, body) => authorized("POST", path, body);
export const patch = (path, body) => authorized("PATCH", path, body);
export const remove = (path) => authorized("DELETE", path);

async function authorized(method, path, body) {
  try {
    return await send(method, path, body);
  } catch (problem) {
    if (problem.status !== 401) throw problem;
    await refresh();
    return send(method, path, body);
  }
}

async function send(method, path, body) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (accessToken) headers["Authorization"] = `Bearer ${accessToken}`;
  let answer;
  try {
    answer = await fetch(`/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
  } catch {
    throw new Problem(0, "Balas tidak menjawab. Apakah `make run` masih berjalan?");
  }
  const content = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (!answer.ok) throw new Problem(answer.status, content?.detail || content?.title || `Galat ${answer.status}`);
  return content;
}
