// Generated from /openapi.json by scripts/generate-client-types.mjs; edits are lost.
export interface paths {
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether this process answers */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description It does */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            status: "ok";
                            version: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether requests may be sent here: the database answers and has every migration */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description It is; 503 when it is not */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            status: "ready";
                            version: string;
                        };
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rankings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Learners at risk, with reasons to act on */
        get: {
            parameters: {
                query?: {
                    /** @description How many you can see: your capacity */
                    limit?: number;
                    /** @description Only this school, by its name */
                    school?: string;
                    /** @description One of the district's outcomes: see /v1/outcomes */
                    outcome?: string;
                    /** @description Nobody below this probability */
                    threshold?: number | null;
                    /** @description What it costs to see a learner for nothing; with costMissed, in the same unit */
                    costNeedless?: number;
                    /** @description What it costs to miss a learner */
                    costMissed?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The latest published ranking of the key's caseload, as JSON or for a spreadsheet */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Ranking"];
                        "text/csv": string;
                    };
                };
                /** @description What the client has, by its ETag, is the newest */
                304: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rankings/thriving": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Learners to whom more could be offered, with the evidence */
        get: {
            parameters: {
                query?: {
                    /** @description How many you can see: your capacity */
                    limit?: number;
                    /** @description Only this school, by its name */
                    school?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Those with the most evidence first */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Thriving"];
                    };
                };
                /** @description What the client has, by its ETag, is the newest */
                304: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The models of the district, newest first */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Models with what they came from */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Models"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{modelId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The card of an early-warning model */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    modelId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Data, periods, figures beside the rules and by subgroup, limits */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ModelCard"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/monitoring": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Silent sources, drift, calibration, and models that are proposed */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The last report of `cairn monitor` */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Monitoring"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/outcomes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The outcomes of the district, the one it ranks by first */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Each with its newest version */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            outcomes: components["schemas"]["Outcome"][];
                        };
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Define an outcome, or a new version of it */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description Drawn by the client, such as a UUID: sent again with the same request, the first answer comes again */
                    "Idempotency-Key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["OutcomeRequest"];
                };
            };
            responses: {
                /** @description The outcome as it stands now; models learn it from the next training */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Outcome"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/interventions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a learner got, newest first */
        get: {
            parameters: {
                query: {
                    /** @description The district's own number of the learner */
                    learner: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Every source's entries */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["InterventionLog"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Log help that was given; a request may be sent again */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description Drawn by the client, such as a UUID: sent again with the same request, the first answer comes again */
                    "Idempotency-Key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Interventions"];
                };
            };
            responses: {
                /** @description What went in, what was there, what was refused and why */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["InterventionReceipt"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/playlists/{learner}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A learner's next activities, with reasons */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The district's own number of the learner */
                    learner: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The playlist of the latest published run */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Playlist"];
                    };
                };
                /** @description What the client has, by its ETag, is the newest */
                304: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/playlists": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A learner's next activities from what is known now, for a goal, minutes and a setting */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description Drawn by the client, such as a UUID: sent again with the same request, the first answer comes again */
                    "Idempotency-Key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["PlaylistRequest"];
                };
            };
            responses: {
                /** @description The list, with the reasons and the chance of every choice */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LivePlaylist"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/playlists/{learner}/overrides": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What teachers and the school decided about a learner's lists and holds today */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The district's own number of the learner */
                    learner: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The decisions, oldest first */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            overrides: components["schemas"]["PlaylistOverride"][];
                        };
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Pin, require or ban: it holds from the next list on */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description Drawn by the client, such as a UUID: sent again with the same request, the first answer comes again */
                    "Idempotency-Key"?: string;
                };
                path: {
                    /** @description The district's own number of the learner */
                    learner: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["PlaylistOverrideRequest"];
                };
            };
            responses: {
                /** @description The decision as it stands in the record */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PlaylistOverride"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/playlists/{learner}/overrides/{key}/withdraw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take a decision back; the record keeps that it was there */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description Drawn by the client, such as a UUID: sent again with the same request, the first answer comes again */
                    "Idempotency-Key"?: string;
                };
                path: {
                    /** @description The district's own number of the learner */
                    learner: string;
                    key: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The decision as it stood */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["PlaylistOverride"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/responses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take in answers of practice; a request may be sent again */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description Drawn by the client, such as a UUID: sent again with the same request, the first answer comes again */
                    "Idempotency-Key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Responses"];
                };
            };
            responses: {
                /** @description What went in, what was there, what was refused and why */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ResponseReceipt"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/learners/{learner}/standards": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a learner knows of every standard, how sure that is, and what to do about it */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The district's own number of the learner */
                    learner: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Every standard of the framework, in its order */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["StandardsOfLearner"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{jobId}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop a batch: what prepares it ends at its next step, no partition is begun any more */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description Drawn by the client, such as a UUID: sent again with the same request, the first answer comes again */
                    "Idempotency-Key"?: string;
                };
                path: {
                    jobId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description How it stands: `cancelling` until what had begun has ended */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Job"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask for the batch as of a day */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description Drawn by the client, such as a UUID: sent again with the same request, the first answer comes again */
                    "Idempotency-Key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["JobRequest"];
                };
            };
            responses: {
                /** @description It is asked for; `Location` is where to look */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Job"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{jobId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How a batch of the district stands */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    jobId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Its state, step, partitions, and why it failed */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Job"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{jobId}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow a batch until it ends
         * @description An event `progress` at each change and `end` at the end, each with a Job; a comment while nothing changes
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    jobId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Server-sent events */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/event-stream": string;
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Alerts of the key's caseload, newest first, in its reader's words */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    /** @description `next` of the page before */
                    cursor?: string;
                    state?: "open" | "acknowledged" | "assigned" | "closed";
                    /** @description A counselor's caseload: only this school, by its name */
                    school?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page of alerts; its ETag answers 304 while nothing has changed */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["AlertFeed"];
                    };
                };
                /** @description The page the client has is the newest */
                304: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts/digest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What has been raised since a moment and is not closed, in as few lines as it takes */
        get: {
            parameters: {
                query: {
                    /** @description What was raised from this moment on and is not closed */
                    since: string;
                    school?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description One line for what is the same, newest first */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["AlertDigest"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts/{alertId}/steps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Acknowledge, assign or close an alert */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description Drawn by the client, such as a UUID: sent again with the same request, the first answer comes again */
                    "Idempotency-Key"?: string;
                };
                path: {
                    alertId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["AlertStep"];
                };
            };
            responses: {
                /** @description The alert as it stands now, with its whole history */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Alert"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Small groups of a teacher's learners who are stuck on the same standard */
        get: {
            parameters: {
                query?: {
                    standard?: string;
                    smallest?: number;
                    largest?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description By section and standard, where most are stuck first */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Groups"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/learners/{learner}/answers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a parent or a teacher asks about one learner, in plain words, with evidence and with what is not known */
        get: {
            parameters: {
                query?: {
                    /** @description A family asks as parent, a school as teacher: the key says which when it is left out */
                    audience?: "parent" | "teacher";
                };
                header?: never;
                path: {
                    /** @description The district's own number of the learner */
                    learner: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The questions of the audience, answered from what the reader may see */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Answers"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/learners/{learner}/accesses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who was shown a learner, and who asked and was refused: for the family and the office */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    /** @description Lines before this one */
                    before?: string;
                };
                header?: never;
                path: {
                    /** @description The district's own number of the learner */
                    learner: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The log of accesses, newest first */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Accesses"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/families/learners": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The learners this key may decide about */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The guardian's children, or the learner of 18 herself */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["FamilyLearners"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/families/{learner}/choices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The switches by purpose, audience and kind of data, each with whose choice it is */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The district's own number of the learner */
                    learner: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The page of switches and every decision behind it */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Choices"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Turn a switch, effective at the next read */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description Drawn by the client, such as a UUID: sent again with the same request, the first answer comes again */
                    "Idempotency-Key"?: string;
                };
                path: {
                    /** @description The district's own number of the learner */
                    learner: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["ChoiceToMake"];
                };
            };
            responses: {
                /** @description The receipt, signed with the district's key */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ChoiceReceipt"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/families/{learner}/choices/{key}/withdraw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take a decision back, effective at the next read */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description Drawn by the client, such as a UUID: sent again with the same request, the first answer comes again */
                    "Idempotency-Key"?: string;
                };
                path: {
                    /** @description The district's own number of the learner */
                    learner: string;
                    key: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The receipt of the withdrawal */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ChoiceReceipt"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/families/{learner}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a reader would see now, byte for byte; nothing is disclosed */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description Drawn by the client, such as a UUID: sent again with the same request, the first answer comes again */
                    "Idempotency-Key"?: string;
                };
                path: {
                    /** @description The district's own number of the learner */
                    learner: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["ReaderToShow"];
                };
            };
            responses: {
                /** @description The document the reader would get */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LearnerRecord"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/families/{learner}/disclosures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The record of disclosures: who asked, when, why, on what basis, and what became of it */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The district's own number of the learner */
                    learner: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Every request, refused ones too, oldest first */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Disclosures"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/families/{learner}/cases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Requests to change or to inspect the record, each with its clock */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The district's own number of the learner */
                    learner: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The learner's cases */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["FamilyCases"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/families/{learner}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The whole record in one piece, with consents, disclosures, statements and cases */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The district's own number of the learner */
                    learner: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Everything, to take away */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["FamilyExport"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/families/{learner}/amendments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say that a record is wrong; the dispute stands beside it at once */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description Drawn by the client, such as a UUID: sent again with the same request, the first answer comes again */
                    "Idempotency-Key"?: string;
                };
                path: {
                    /** @description The district's own number of the learner */
                    learner: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["AmendmentToAsk"];
                };
            };
            responses: {
                /** @description The case that was opened */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["OpenedCase"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/families/{learner}/amendments/{caseId}/statement": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Place a statement beside a contested record when the refusal stands */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description Drawn by the client, such as a UUID: sent again with the same request, the first answer comes again */
                    "Idempotency-Key"?: string;
                };
                path: {
                    /** @description The district's own number of the learner */
                    learner: string;
                    caseId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Words"];
                };
            };
            responses: {
                /** @description The statement stands, and travels with the record */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            status: "done";
                        };
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/families/{learner}/access-requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask to inspect the record; nothing is destroyed while the request is open */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description Drawn by the client, such as a UUID: sent again with the same request, the first answer comes again */
                    "Idempotency-Key"?: string;
                };
                path: {
                    /** @description The district's own number of the learner */
                    learner: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The request that was opened */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["OpenedCase"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/families/{learner}/directory-opt-out": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Refuse directory information for a school year */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description Drawn by the client, such as a UUID: sent again with the same request, the first answer comes again */
                    "Idempotency-Key"?: string;
                };
                path: {
                    /** @description The district's own number of the learner */
                    learner: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["DirectoryOptOut"];
                };
            };
            responses: {
                /** @description It is refused */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            status: "done";
                        };
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/families/cases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What waits for the school: requests with their clocks */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Every case that is not answered */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["FamilyCases"];
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/families/cases/{caseId}/steps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A step of the school in an amendment case */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description Drawn by the client, such as a UUID: sent again with the same request, the first answer comes again */
                    "Idempotency-Key"?: string;
                };
                path: {
                    caseId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["SchoolStep"];
                };
            };
            responses: {
                /** @description The step is taken */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            status: "done";
                        };
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/families/cases/{caseId}/answer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Close a request to inspect: how it was answered */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description Drawn by the client, such as a UUID: sent again with the same request, the first answer comes again */
                    "Idempotency-Key"?: string;
                };
                path: {
                    caseId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["Words"];
                };
            };
            responses: {
                /** @description The request is closed */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            status: "done";
                        };
                    };
                };
                /** @description A problem */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Problem: {
            type: string;
            title: string;
            status: number;
            detail: string;
            code: string;
            hint?: string;
        };
        Ranking: {
            provenance: components["schemas"]["Provenance"];
            model: {
                name: string;
                rulesDoAsWell: boolean;
            };
            outcome: {
                name: string;
                title: string;
            };
            learners: number;
            cut: {
                /** @enum {string} */
                by: "capacity" | "threshold" | "costs";
                threshold: number | null;
                /** @description Learners with the probability of the last one who are not listed */
                tiedOut: number;
                abstained: number;
            };
            /** @description Sources that had fallen silent before the ranking's day: it rests on what was there until then */
            stale: {
                source: string;
                /** Format: date */
                since: string;
            }[];
            entries: components["schemas"]["RankedLearner"][];
        };
        /** @description What a score was made from: replaying these gives the same bytes */
        Provenance: {
            runId: string;
            /** Format: date */
            asOf: string;
            modelId: string;
            snapshotId: string;
            /** Format: date-time */
            publishedAt: string;
        };
        RankedLearner: {
            rank: number;
            /** @description The district's own number of the learner */
            learner: string;
            name: string;
            school: string;
            grade: string;
            probability: number | null;
            low: number | null;
            high: number | null;
            /** @description Why there is no number, when there is none */
            abstained: string | null;
            /** @description Share of the model's inputs that are known for this learner */
            coverage: number;
            reasons: components["schemas"]["Reason"][];
            strengths: components["schemas"]["Reason"][];
            /** @description Others with exactly this probability: their order means nothing */
            tied: number;
            change: components["schemas"]["RiskChange"];
            tried: components["schemas"]["Tried"][];
            thriving: {
                consider: ("gifted evaluation" | "acceleration")[];
                evidence: string[];
            } | null;
        };
        Reason: {
            /**
             * @description What a person would call it
             * @example attendance
             */
            group: string;
            /** @description Log-odds this group adds to the learner's risk */
            contribution: number;
            actionable: boolean;
            words: string;
        };
        RiskChange: {
            /** Format: date */
            since: string;
            probability: number | null;
            /** @description The probability of then lies inside the interval of now */
            isSettled: boolean;
            /** @description Another kind of model speaks: the change may be its own */
            isOtherModel: boolean;
            groups: {
                group: string;
                by: number;
            }[];
        } | null;
        /** @description An intervention of the last year */
        Tried: {
            intervention: string;
            name: string;
            given: number;
            missed: number;
            minutes: number | null;
            /** Format: date */
            lastOn: string | null;
            isOpen: boolean;
        };
        Thriving: {
            provenance: components["schemas"]["Provenance"];
            learners: number;
            entries: {
                learner: string;
                name: string;
                school: string;
                grade: string;
                consider: ("gifted evaluation" | "acceleration")[];
                evidence: string[];
            }[];
        };
        Models: {
            models: {
                modelId: string;
                kind: string;
                purpose: string;
                /** Format: date-time */
                createdAt: string;
                lineage?: unknown;
            }[];
        };
        ModelCard: {
            modelId: string;
            kind: string;
            purpose: string;
            data?: unknown;
            /** @description How each outcome was learned, with figures by subgroup */
            outcomes: unknown[];
            sanctions?: unknown;
            marks: unknown[];
            limits: string[];
            /** @description The same for people */
            markdown: string;
        };
        Monitoring: {
            /** Format: date */
            asOf: string;
            /** Format: date-time */
            createdAt: string;
            snapshotId: string;
            /** @description What a person should look at, the most urgent first */
            needs: string[];
            stale: {
                subject: string;
                /** Format: date */
                since: string;
                missedDays: number;
                isInRanking: boolean;
            }[];
            /** @description Of how many learners the ranking that is shown says no number, and why */
            abstention?: {
                /** Format: date */
                asOf: string;
                modelId: string;
                learners: number;
                abstained: number;
                unknown: number;
                unlike: number;
                isMass: boolean;
            } | null;
            /** @description Names of the schools that are places */
            schools: {
                [key: string]: string;
            };
            /** @description Findings with their tests; null without an earlier year */
            drift?: unknown;
            reason: string | null;
            weeks: string[];
            /** @description Population stability index by week */
            curves: unknown[];
            baseRates: unknown[];
            scores?: unknown;
            calibration?: unknown;
            /** @description Champion/challenger tables with what was decided */
            proposals: unknown[];
            /** @description The same for people */
            markdown: string;
        };
        Outcome: {
            /** @description Null: cairn's own, the district has decided nothing */
            version: number | null;
            definition: {
                outcome: string;
                kind: string;
                title: string;
                maturityDays: number;
            } & {
                [key: string]: unknown;
            };
            active: boolean;
            decidedBy: string | null;
            /** Format: date-time */
            decidedAt: string | null;
        };
        /** @description docs/early-warning.md has one of every kind */
        OutcomeRequest: {
            outcome: string;
            kind: string;
            title: string;
        } & {
            [key: string]: unknown;
        };
        InterventionReceipt: {
            stored: number;
            unchanged: number;
            refused: {
                id: string;
                reason: string;
            }[];
        };
        Interventions: {
            interventions: {
                /** @description The sender's own: the same id is the same entry */
                id: string;
                /** @description The district's own number of the learner */
                learner: string;
                intervention: string;
                name?: string;
                /** Format: date */
                on: string;
                minutes?: number;
                attended?: boolean;
            }[];
        };
        InterventionLog: {
            interventions: {
                intervention: string;
                name: string;
                /** Format: date */
                on: string;
                minutes: number | null;
                attended: boolean | null;
                class: string;
                /** Format: date */
                knownOn: string;
            }[];
        };
        Playlist: {
            provenance: components["schemas"]["PlaylistProvenance"];
            learner: string;
            minutes: number;
            items: components["schemas"]["PlaylistItem"][];
        };
        /** @description What a score was made from: replaying these gives the same bytes */
        PlaylistProvenance: components["schemas"]["Provenance"] & {
            masteryModelId: string;
        };
        PlaylistItem: {
            position: number;
            activity: string;
            title: string;
            standard: string;
            standardLabel: string;
            modality: string;
            minutes: number;
            score: number;
            reasons: string[];
            terms: {
                [key: string]: number;
            };
        };
        LivePlaylist: {
            /** @description Names this list in the log of decisions */
            decisionId: string;
            learner: string;
            minutes: number;
            /** @enum {string} */
            rung: "gated" | "again" | "ahead" | "review" | "pinned" | "empty";
            /**
             * @description Why cairn chose nothing; null when it did
             * @enum {string|null}
             */
            empty: "no-library" | "no-time" | "banned" | "too-long" | "off-goal" | "prerequisites" | "setting" | null;
            headline: string;
            items: components["schemas"]["LivePlaylistItem"][];
            waiting: {
                activity: string;
                override: string;
                reason: string;
            }[];
            /** @description Ids that the library does not have */
            unknown: string[];
            provenance: {
                runId: string | null;
                masteryModelId: string;
                modelId: string | null;
                policy: string;
                standingVersion: number;
            };
        };
        LivePlaylistItem: {
            position: number;
            activity: string;
            title: string;
            standard: string;
            standardLabel: string;
            modality: string;
            setting: string | null;
            minutes: number;
            /** @enum {string} */
            role: "new" | "review" | "again" | "ahead";
            score: number;
            terms: {
                [key: string]: number;
            };
            reasons: {
                student: string[];
                teacher: string[];
            };
            /** @description The teacher's decision that put it here */
            override: string | null;
            /** @description The chance with which it was chosen for its place; null where a teacher decided */
            propensity: number | null;
        };
        PlaylistRequest: {
            /** @description The district's own number of the learner */
            learner: string;
            /** @description The policy's (30) when absent */
            minutes?: number;
            /** @description Standards, or the subject and grades of a course; what they rest on comes along */
            goal?: {
                standards?: string[];
                course?: {
                    subject?: string;
                    grades?: string[];
                };
            };
            /** @example home */
            setting?: string;
            /** @description Only these activities */
            candidates?: string[];
            /** @description Not these, this once */
            exclude?: string[];
        };
        PlaylistOverride: {
            key: string;
            /** @enum {string} */
            kind: "pin" | "require" | "ban";
            activity: string | null;
            standard: string | null;
            position: number | null;
            reason: string;
            decidedBy: string;
            /** Format: date-time */
            decidedAt: string;
            until: string | null;
        };
        PlaylistOverrideRequest: {
            /** @enum {string} */
            kind: "pin" | "require" | "ban";
            activity?: string;
            /** @description For a ban: every activity on it */
            standard?: string;
            /** @description Smaller comes first */
            position?: number;
            /** @description In words the learner may read */
            reason: string;
            /**
             * Format: date
             * @description The last day it holds
             */
            until?: string;
        };
        ResponseReceipt: {
            stored: number;
            unchanged: number;
            refused: {
                id: string;
                reason: string;
            }[];
            playlist?: components["schemas"]["LivePlaylist"];
            /** @description Why there is no list although one was asked for; the answers are in */
            playlistRefused?: string;
        };
        Responses: {
            responses: {
                /** @description The platform's own: the same id is the same answer */
                id: string;
                /** @description The district's own number of the learner */
                learner: string;
                item: string;
                standard?: string;
                /** @example 2025-12-12T10:15:00-05:00 */
                answeredAt: string;
                correct: number;
                attempts?: number;
                hints?: number;
                seconds?: number;
            }[];
            next?: components["schemas"]["PlaylistRequest"] & unknown;
        };
        StandardsOfLearner: {
            learner: string;
            asOf: string;
            standards: components["schemas"]["StandardStanding"][];
            gates: {
                masteredAt: number;
                prerequisiteMastery: number;
            };
            provenance: {
                runId: string | null;
                masteryModelId: string;
            };
        };
        StandardStanding: {
            standard: string;
            label: string;
            grade: string;
            /**
             * @description What a teacher does about it
             * @enum {string}
             */
            group: "review-due" | "stuck" | "in-reach" | "mastered" | "later";
            /** @description Probability that the standard is mastered */
            mastery: number;
            /** @description Chance that the next answer to an average question is right */
            correctNext: number;
            /** @description 5th percentile of that chance */
            low: number;
            /** @description 95th percentile of that chance */
            high: number;
            /** @description Answers, results and words on the standard itself */
            evidence: number;
            /**
             * @description Own evidence; that of other standards; none at all
             * @enum {string}
             */
            basis: "own" | "graph" | "prior";
            /** @description The day from which a review is due */
            reviewDue: string | null;
            /** @description Chance that what was mastered can still be recalled */
            retrievability: number | null;
            /** @description Many opportunities, and never mastered */
            wheelSpinning: boolean;
        };
        Job: {
            jobId: string;
            /** Format: date */
            asOf: string;
            /** @enum {string} */
            state: "waiting" | "running" | "cancelling" | "cancelled" | "completed" | "failed";
            step: string | null;
            /** @description The finished share of the step */
            fraction: number;
            /** @description The run that is scored; null until it is prepared */
            runId: string | null;
            partitions: {
                total: number;
                done: number;
                failed: number;
            };
            attempts: number;
            /** Format: date-time */
            requestedAt: string;
            /** Format: date-time */
            endedAt: string | null;
            failure: {
                code: string;
                message: string;
            } | null;
        };
        /** @description Snapshot, features, training, scores of every learner, publication */
        JobRequest: {
            /** @enum {string} */
            kind: "batch";
            /** Format: date */
            asOf: string;
        };
        AlertFeed: {
            alerts: components["schemas"]["Alert"][];
            next: string | null;
        };
        Alert: {
            alertId: string;
            rule: string;
            /** @description Null: nobody is meant */
            learner: {
                number: string | null;
                name: string;
            } | null;
            subject: string | null;
            /** @description The standard's name; null for a family */
            label: string | null;
            /** @description Counts; null for a family */
            evidence: {
                [key: string]: number;
            } | null;
            /** Format: date */
            happenedOn: string;
            /** Format: date-time */
            raisedAt: string;
            /** @enum {string} */
            state: "open" | "acknowledged" | "assigned" | "closed";
            assignedTo: string | null;
            history: {
                /** @enum {string} */
                step: "acknowledged" | "assigned" | "closed";
                by: string;
                /** Format: date-time */
                at: string;
                assignedTo: string | null;
                note: string | null;
            }[];
            legalBasis: string;
            headline: string;
            text: string;
            next: string;
        };
        AlertDigest: {
            lines: {
                headline: string;
                rule: string;
                /** @description Their ids */
                alerts: string[];
                learners: {
                    number: string | null;
                    name: string;
                }[];
                /** Format: date-time */
                newest: string;
            }[];
        };
        AlertStep: {
            /** @enum {string} */
            step: "acknowledged";
            note?: string;
        } | {
            /** @enum {string} */
            step: "assigned";
            to: string;
            note?: string;
        } | {
            /** @enum {string} */
            step: "closed";
            note: string;
            /** @description What was done: becomes a dose, which studies read */
            help?: {
                intervention: string;
                name?: string;
                minutes?: number;
                attended?: boolean;
            };
        };
        Groups: {
            standards: {
                section: string | null;
                standard: string;
                label: string | null;
                groups: components["schemas"]["GroupLearner"][][];
                /** @description Stuck, and too few to make a group */
                alone: components["schemas"]["GroupLearner"][];
                /** @description Stuck, and absent today */
                away: components["schemas"]["GroupLearner"][];
            }[];
        };
        GroupLearner: {
            number: string | null;
            name: string;
            wrong: number;
            of: number;
            followUp: {
                activity: {
                    activity: string;
                    title: string;
                    minutes: number | null;
                    uri: string | null;
                } | null;
                reason: string;
            };
        };
        Answers: {
            /** @description The district's own number of the learner */
            learner: string;
            /** @enum {string} */
            audience: "parent" | "teacher";
            /** Format: date */
            on: string;
            legalBases: string[];
            answers: components["schemas"]["Answer"][];
        };
        Answer: {
            /** @example on-track-to-graduate */
            id: string;
            asked: string;
            /** @enum {string} */
            status: "known" | "partly" | "not known";
            findings: {
                sentence: string;
                /** @description The table of the record, or early-warning for what a model says */
                evidence: {
                    source: string;
                    on: string | null;
                    records: number;
                };
            }[];
            /** @description What the record does not say, in words */
            notKnown: string[];
        };
        Accesses: {
            accesses: components["schemas"]["Access"][];
            /** @description Give it as `before` for older lines; null when there are none */
            next: string | null;
        };
        Access: {
            accessId: string;
            /** Format: date-time */
            at: string;
            /** @enum {string} */
            outcome: "shown" | "refused";
            role: string;
            /** @description The name of a person of the school, where a key is one's own */
            reader: string | null;
            readerId: string | null;
            /** @description Which key, by the first digits of its hash */
            credential: string | null;
            /** @example GET /v1/rankings */
            route: string;
            purpose: string;
            /** @description How many were shown at once; null: not said */
            learners: number | null;
            runId: string | null;
            requestId: string;
        };
        FamilyLearners: {
            learners: {
                learner: string | null;
                givenName: string | null;
                familyName: string | null;
            }[];
        };
        Choices: {
            choices: components["schemas"]["Choice"][];
            history: components["schemas"]["FamilyDecision"][];
        };
        Choice: {
            purpose: string;
            /** @enum {string} */
            label: "your choice" | "the school's own use";
            /** @description Whether the family's yes or no is heard */
            yours: boolean;
            legalBasis: string;
            sentence: string;
            audiences: {
                party: string | null;
                allowed: {
                    [key: string]: boolean;
                };
            }[];
        };
        FamilyDecision: {
            key: string;
            purpose: string;
            /** @enum {string} */
            decision: "permit" | "deny" | "withdrawn";
            /** Format: date */
            decidedOn: string;
            /** Format: date-time */
            decidedAt: string | null;
            decidedBy: string | null;
            /** @enum {string|null} */
            capacity: "guardian" | "eligible-student" | "paper-form" | null;
            authentication: string | null;
            /** @description Kinds of data; null: every kind */
            dataClasses: string[] | null;
            /** @description A person, a party or a kind of party; null: everybody */
            party: string | null;
            /** Format: date */
            beginsOn: string | null;
            /** Format: date */
            expiresOn: string | null;
            textId: string | null;
            textVersion: number | null;
            language: string | null;
            /** Format: date-time */
            copyDeliveredAt: string | null;
            personId: string;
            authority: string;
        };
        ChoiceReceipt: {
            /** @description Takes the decision back */
            key: string;
            /** @description The bytes that are signed: a consent receipt (Kantara 1.1) as JSON */
            receipt: string;
            sha256: string;
            signature: {
                verificationMethod: string;
                value: string;
            } | null;
            lines: string[];
            html: string;
        };
        ChoiceToMake: {
            purpose: string;
            /** @enum {string} */
            decision: "permit" | "deny";
            /**
             * @description Kinds of data; null: every kind
             * @default null
             */
            dataClasses?: string[] | null;
            /** @default null */
            party?: string | null;
            /**
             * Format: date
             * @default null
             */
            expiresOn?: string | null;
            /**
             * @description How the platform made sure who it is
             * @example password and code by mail
             */
            authentication: string;
            /** @description The wording that was shown */
            text?: {
                textId: string;
                version: number;
                language: string;
            };
        };
        LearnerRecord: {
            /** @enum {string} */
            format: "cairn-record/1";
            learner: string;
            party: string;
            purpose: string;
            /** @enum {string} */
            label: "your choice" | "the school's own use";
            legalBases: string[];
            notice: string | null;
            agreement: {
                agreementId: string;
                /** Format: date */
                endsOn: string;
                /** Format: date */
                destroyBy: string;
            } | null;
            /** @description Rows by table, each with the words that travel with it */
            records: {
                [key: string]: ({
                    annotations?: {
                        kind: string;
                        text: string;
                        onDate: string;
                    }[];
                } & {
                    [key: string]: unknown;
                })[];
            };
            withheld: {
                dataClass: string;
                why: string;
            }[];
        };
        ReaderToShow: {
            party: string;
            /** @default [] */
            partyClasses?: string[];
            /**
             * @description The person of the party, where one is meant
             * @default
             */
            requester?: string;
            /** @enum {string} */
            purpose: "school-use" | "sharing" | "directory" | "transfer" | "study" | "audit";
            agreementId?: string;
        };
        Disclosures: {
            disclosures: components["schemas"]["Disclosure"][];
        };
        Disclosure: {
            personId: string;
            /** Format: date-time */
            at: string;
            /** @enum {string} */
            outcome: "disclosed" | "refused";
            requester: string;
            party: string;
            interest: string;
            legalBasis: string;
            dataClasses: string[];
            agreementId: string | null;
            consentKey: string | null;
            onwardParties: string[] | null;
            specialEducation: boolean;
            reason: string | null;
            reference: string | null;
        };
        FamilyCases: {
            amendments: components["schemas"]["AmendmentCase"][];
            accessRequests: components["schemas"]["AccessRequest"][];
        };
        AmendmentCase: {
            caseId: string;
            personId: string;
            requestedBy: string;
            /** Format: date-time */
            requestedAt: string;
            /** Format: date */
            dueOn: string;
            /** @enum {string} */
            clock: "open" | "due soon" | "overdue" | "answered";
            events: {
                kind: string;
                text: string | null;
                by: string;
                /** Format: date-time */
                at: string;
            }[];
            recordTable: string;
            recordKey: string;
            contested: string;
            request: string;
            /** @enum {string} */
            state: "requested" | "granted" | "refused" | "hearing" | "refusal stands" | "stated";
        };
        AccessRequest: {
            caseId: string;
            personId: string;
            requestedBy: string;
            /** Format: date-time */
            requestedAt: string;
            /** Format: date */
            dueOn: string;
            /** @enum {string} */
            clock: "open" | "due soon" | "overdue" | "answered";
            events: {
                kind: string;
                text: string | null;
                by: string;
                /** Format: date-time */
                at: string;
            }[];
        };
        FamilyExport: {
            /** @enum {string} */
            format: "cairn-family-export/1";
            record: components["schemas"]["LearnerRecord"];
            consents: components["schemas"]["FamilyDecision"][];
            disclosures: components["schemas"]["Disclosure"][];
            amendments: components["schemas"]["AmendmentCase"][];
            accessRequests: components["schemas"]["AccessRequest"][];
        };
        OpenedCase: {
            caseId: string;
        };
        AmendmentToAsk: {
            recordTable: string;
            recordKey: string;
            contested: string;
            request: string;
        };
        Words: {
            text: string;
        };
        DirectoryOptOut: {
            schoolYear: number;
        };
        SchoolStep: {
            /** @enum {string} */
            step: "granted" | "refused" | "hearing set" | "refusal stands";
            text: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
